import { IdList } from './id-list.js';

/** Collects where in the text each token lies: [start, end) in UTF-16 units. */
export class OffsetList {
  readonly #list: IdList;
  readonly #byteLength: (id: number) => number;

  constructor(capacity: number, byteLength: (id: number) => number) {
    this.#list = new IdList(capacity * 2);
    this.#byteLength = byteLength;
  }

  add(start: number, end: number): void {
    this.#list.push(start);
    this.#list.push(end);
  }

  /**
   * Adds the tokens of the piece of `source` at `start`, which are `ids` from `from` on. A token that
   * begins or ends inside of a character covers all of that character. `source[i]` lies at `i + shift`
   * of the text; a space that was put before `textStart` counts as the character there.
   */
  addPiece(
    source: string,
    start: number,
    ids: IdList,
    from: number,
    shift: number,
    textStart: number,
  ): void {
    let at = start;
    let atByte = 0;
    let byte = 0;
    let point = source.codePointAt(at) as number;
    const next = (): void => {
      atByte += utf8Length(point);
      at += utf16Length(point);
      point = source.codePointAt(at) as number;
    };
    for (let i = from; i < ids.length; i++) {
      while (atByte + utf8Length(point) <= byte) next();
      const tokenStart = at + shift;
      byte += this.#byteLength(ids.data[i]);
      while (atByte + utf8Length(point) < byte) next();
      const tokenEnd = at + shift + utf16Length(point);
      if (tokenEnd > textStart) this.add(Math.max(textStart, tokenStart), tokenEnd);
      else this.add(textStart, textStart + utf16Length(source.codePointAt(1) as number));
    }
  }

  toArray(): Int32Array {
    return this.#list.toArray();
  }
}

function utf8Length(point: number): number {
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point < 0x10000 ? 3 : 4;
}

function utf16Length(point: number): number {
  return point > 0xffff ? 2 : 1;
}
