import { IdList } from '../id-list.js';
import type { Model } from '../parts.js';
import { PieceTable } from './piece-table.js';

/** Longer pieces seldom come twice. */
const LONGEST_CACHED = 64;
/** When the cache is full it starts anew. */
const MOST_CACHED = 1 << 16;

export type EncodePiece = Model['encodePiece'];

/** Remembers the tokens of the pieces that `encodeNew` has encoded. */
export function cached(encodeNew: EncodePiece): EncodePiece {
  const ids = new PieceCache(encodeNew, false);
  const withSpans = new PieceCache(encodeNew, true);
  return (text, start, end, out, spans) => {
    if (spans) withSpans.encode(text, start, end, out, spans);
    else ids.encode(text, start, end, out);
  };
}

class PieceCache {
  readonly #encodeNew: EncodePiece;
  readonly #seen = new PieceTable();
  /** Of each piece seen: the id of the one token that is all of it, or -1. */
  #onlyId = new Int32Array(1024);
  /** Otherwise where in `#many` its tokens begin: their count, their ids, their spans from the start of the piece. */
  #manyAt = new Int32Array(1024);
  #many = new Int32Array(8192);
  #manyUsed = 0;
  /** Of the piece that is being learnt; undefined where spans are not remembered. */
  readonly #spans: IdList | undefined;

  constructor(encodeNew: EncodePiece, withSpans: boolean) {
    this.#encodeNew = encodeNew;
    this.#spans = withSpans ? new IdList(256) : undefined;
  }

  encode(text: string, start: number, end: number, out: IdList, spans?: IdList): void {
    if (end - start > LONGEST_CACHED) {
      this.#encodeNew(text, start, end, out, spans);
      return;
    }
    const known = this.#seen.size;
    const piece = this.#seen.intern(text, start, end);
    if (piece === known) this.#learn(piece, text, start, end, out);
    const id = this.#onlyId[piece];
    if (id >= 0) {
      out.push(id);
      if (spans) addSpan(spans, start, end);
    } else {
      this.#recall(this.#manyAt[piece], start, out, spans);
    }
    if (piece === MOST_CACHED) this.#clear();
  }

  #recall(at: number, start: number, out: IdList, spans: IdList | undefined): void {
    const many = this.#many;
    const count = many[at];
    const ids = at + 1;
    out.reserve(count);
    for (let i = ids; i < ids + count; i++) out.data[out.length++] = many[i];
    if (!spans) return;
    for (let i = ids + count; i < ids + count * 3; i++) spans.push(start + many[i]);
  }

  #learn(piece: number, text: string, start: number, end: number, out: IdList): void {
    if (piece === this.#onlyId.length) {
      this.#onlyId = doubled(this.#onlyId);
      this.#manyAt = doubled(this.#manyAt);
    }
    const from = out.length;
    const spans = this.#spans;
    if (spans) spans.length = 0;
    try {
      this.#encodeNew(text, start, end, out, spans);
    } catch (error) {
      // The piece counts as seen already.
      this.#clear();
      throw error;
    }
    const count = out.length - from;
    out.length = from;
    if (count === 1 && (!spans || (spans.data[0] === start && spans.data[1] === end))) {
      this.#onlyId[piece] = out.data[from];
      return;
    }
    while (this.#manyUsed + 1 + count * 3 > this.#many.length) this.#many = doubled(this.#many);
    this.#onlyId[piece] = -1;
    this.#manyAt[piece] = this.#manyUsed;
    this.#many[this.#manyUsed++] = count;
    for (let i = 0; i < count; i++) this.#many[this.#manyUsed++] = out.data[from + i];
    if (!spans) return;
    for (let i = 0; i < count * 2; i++) this.#many[this.#manyUsed++] = spans.data[i] - start;
  }

  #clear(): void {
    this.#seen.clear();
    this.#manyUsed = 0;
  }
}

export function addSpan(spans: IdList, start: number, end: number): void {
  spans.push(start);
  spans.push(end);
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(array.length * 2);
  grown.set(array);
  return grown;
}
