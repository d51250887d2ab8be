import { alphabetBytes, BYTE_CHARS } from '../byte-alphabet.js';
import type { Symbolize } from './character-symbols.js';
import type { Merges } from './merges.js';
import type { SymbolList } from './symbol-list.js';
import { tokensById } from './vocab.js';

/** Bytes of each of these characters. */
const BYTES = 3;

/** Pieces begin as characters instead of as bytes, where the tokens are the same in the end. */
export function charactersFirst(
  vocab: ReadonlyMap<string, number>,
  merges: Merges,
  asBytes: Symbolize,
): Symbolize {
  let characters: MergedCharacters | undefined;
  return (text, start, end, out) => {
    if (hasThreeBytes(text.charCodeAt(start))) {
      characters ??= new MergedCharacters(vocab, merges);
      if (characters.symbolize(text, start, end, out)) return;
    }
    asBytes(text, start, end, out);
  };
}

/**
 * What the merges make of the bytes of one character, for the characters of three bytes: Chinese, Japanese,
 * Korean, those of India. A piece may begin as these symbols instead of as bytes, with the same tokens in the
 * end, if
 *
 * - nowhere in it can a part of one character merge with something of its neighbour, so that each becomes what
 *   it becomes alone, and
 * - no merge of a whole character has a lower rank than the merges that the character comes from: those then
 *   come first in any case.
 *
 * A trained vocabulary has the second everywhere, and in Chinese text the first nearly everywhere.
 */
class MergedCharacters {
  readonly #merges: Merges;
  readonly #byteIds: Int32Array;
  /** By UTF-16 unit: up to three symbols, each one above its id; 0 is none; -1 first: not to begin with. */
  readonly #symbols: Int32Array = new Int32Array(0x10000 * BYTES);
  /** A bit for two neighbours that may merge in parts, by the last byte of the first and the first two of the second. */
  readonly #joins: Int32Array = new Int32Array(0x10000 / 32);

  constructor(vocab: ReadonlyMap<string, number>, merges: Merges) {
    this.#merges = merges;
    this.#byteIds = Int32Array.from(BYTE_CHARS, (char) => vocab.get(char) as number);
    /** By id: the character that the token is. */
    const characters = new Uint16Array(tokensById(vocab).length);
    for (const [token, id] of vocab) {
      const bytes = alphabetBytes(token);
      if (bytes === undefined) continue;
      if (bytes.length === BYTES && bytes[0] >>> 4 === 0xe) characters[id] = unitOf(bytes);
      else this.#markJoins(bytes);
    }
    for (let rank = 0; rank < merges.size; rank++) {
      this.#checkRank(characters[merges.left[rank]], rank);
      this.#checkRank(characters[merges.right[rank]], rank);
    }
  }

  /** Adds the symbols of a piece, or returns false where it has to begin as bytes. */
  symbolize(text: string, start: number, end: number, out: SymbolList): boolean {
    out.reserve((end - start) * BYTES);
    const { ids, starts, ends, tracked } = out;
    const symbols = this.#symbols;
    let length = 0;
    let last = 0;
    for (let at = start; at < end; at++) {
      const unit = text.charCodeAt(at);
      if (!hasThreeBytes(unit) || (at > start && this.#mayJoin(last, unit))) return false;
      let from = unit * BYTES;
      if (symbols[from] === 0) this.#learn(unit);
      if (symbols[from] < 0) return false;
      const after = from + BYTES;
      for (; from < after && symbols[from] > 0; from++) {
        if (tracked) {
          starts[length] = at;
          ends[length] = at + 1;
        }
        ids[length++] = symbols[from] - 1;
      }
      last = unit;
    }
    out.length = length;
    return true;
  }

  /** A token with a part of a character at an end, and something of the character beside it. */
  #markJoins(bytes: Uint8Array): void {
    const first = bytes.findIndex((byte) => !isContinuation(byte));
    // The part at the beginning …
    if (first > 0) this.#markJoin(bytes, first);
    // … and the one at the end.
    let lead = bytes.length - 1;
    while (lead > 0 && isContinuation(bytes[lead])) lead--;
    if (lead > 0 && bytes[lead] >>> 4 === 0xe && lead + BYTES > bytes.length) {
      this.#markJoin(bytes, lead);
    }
  }

  #markJoin(bytes: Uint8Array, at: number): void {
    if (!isContinuation(bytes[at - 1]) || bytes[at] >>> 4 !== 0xe) return;
    const key = joinKey(bytes[at - 1], (bytes[at] & 0xf) << 12);
    const second = at + 1 < bytes.length ? bytes[at + 1] & 63 : -1;
    for (let each = 0; each < 64; each++) {
      // It may be any where the token ends before it.
      if (second === -1 || second === each) this.#joins[(key | each) >>> 5] |= 1 << (key | each);
    }
  }

  #mayJoin(left: number, right: number): boolean {
    const key = joinKey(left, right);
    return (this.#joins[key >>> 5] & (1 << key)) !== 0;
  }

  #checkRank(unit: number, rank: number): void {
    if (unit !== 0 && this.#learn(unit) > rank) this.#symbols[unit * BYTES] = -1;
  }

  /** Merges the bytes of a character, and returns the highest rank of these merges. */
  #learn(unit: number): number {
    const { ranks, result } = this.#merges;
    const ids = [
      this.#byteIds[0xe0 | (unit >>> 12)],
      this.#byteIds[0x80 | ((unit >>> 6) & 63)],
      this.#byteIds[0x80 | (unit & 63)],
    ];
    let highest = -1;
    while (ids.length > 1) {
      let at = 0;
      let rank = ranks.get(ids[0], ids[1]);
      const second = ids.length > 2 ? ranks.get(ids[1], ids[2]) : -1;
      // As unsigned numbers, -1 (no merge) is above every rank.
      if (second >>> 0 < rank >>> 0) {
        at = 1;
        rank = second;
      }
      if (rank < 0) break;
      ids.splice(at, 2, result[rank]);
      highest = Math.max(highest, rank);
    }
    const from = unit * BYTES;
    if (this.#symbols[from] >= 0)
      for (const [i, id] of ids.entries()) this.#symbols[from + i] = id + 1;
    return highest;
  }
}

function isContinuation(byte: number): boolean {
  return byte >>> 6 === 2;
}

function hasThreeBytes(unit: number): boolean {
  return unit >= 0x800 && (unit & 0xf800) !== 0xd800;
}

/** The last six bits of one character, which its last byte holds, and the first ten of another, which its first two hold. */
function joinKey(left: number, right: number): number {
  return ((left & 63) << 10) | (right >>> 6);
}

function unitOf(bytes: Uint8Array): number {
  return ((bytes[0] & 0xf) << 12) | ((bytes[1] & 63) << 6) | (bytes[2] & 63);
}
