import { bad } from '../json-reader.js';

/** Larger maps are refused; those of known models have less than 1 MB. */
const MOST_BYTES = 1 << 24;

/** Bytes that a character becomes at most; NFKC makes 33 of one at most. */
const LONGEST_STRING = 1 << 10;

/**
 * SentencePiece's precompiled map of characters: a double-array trie of UTF-8 strings (as in the library
 * darts-clone), then what they become, each with a 0 after it.
 *
 * Source: `normalizer.cc` of google/sentencepiece; the crate spm_precompiled.
 */
export class Charsmap {
  readonly #units: Int32Array;
  readonly #strings: Uint8Array;
  /** By unit; null where nothing becomes of it. */
  readonly #ofUnit: (string | null | undefined)[] = new Array(0x10000);
  readonly #found = new Map<string, string | undefined>();

  /** @param place where the map stands in a file, for errors */
  constructor(bytes: Uint8Array, place: string) {
    if (bytes.length > MOST_BYTES) throw bad(place, `has more than ${MOST_BYTES} bytes`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const size = bytes.length < 4 ? -1 : view.getUint32(0, true);
    if (size < 4 || size > bytes.length - 4)
      throw bad(place, 'has no trie of the size that it says');
    this.#units = new Int32Array(size >> 2);
    for (let i = 0; i < this.#units.length; i++) this.#units[i] = view.getInt32(4 + 4 * i, true);
    this.#strings = bytes.subarray(4 + (this.#units.length << 2));
    for (let start = 0; start < this.#strings.length; ) {
      const end = this.#strings.indexOf(0, start);
      if ((end < 0 ? this.#strings.length : end) - start > LONGEST_STRING) {
        throw bad(place, `makes more than ${LONGEST_STRING} bytes of a character`);
      }
      start = end < 0 ? this.#strings.length : end + 1;
    }
  }

  /** What the shortest key that `text` begins with becomes; undefined if it begins with none. */
  get(text: string): string | undefined {
    if (this.#found.has(text)) return this.#found.get(text);
    const becomes = this.#lookUp(text);
    if (this.#found.size === MOST_FOUND) this.#found.clear();
    this.#found.set(text, becomes);
    return becomes;
  }

  /** What a character of one UTF-16 unit becomes. */
  ofUnit(unit: number): string | undefined {
    const known = this.#ofUnit[unit];
    if (known !== undefined) return known ?? undefined;
    const becomes = this.#lookUp(String.fromCharCode(unit));
    this.#ofUnit[unit] = becomes ?? null;
    return becomes;
  }

  #lookUp(text: string): string | undefined {
    // What lies outside of the array is 0, and no unit of a key.
    const unitAt = (index: number): number => this.#units[index] ?? 0;
    let node = offsetOf(unitAt(0));
    for (const byte of utf8.encode(text)) {
      if (byte === 0) return undefined;
      node ^= byte;
      const unit = unitAt(node);
      if ((unit & LABEL) !== byte) return undefined;
      node ^= offsetOf(unit);
      if (unit & HAS_VALUE) return this.#stringAt(unitAt(node) & 0x7fffffff);
    }
    return undefined;
  }

  #stringAt(start: number): string {
    const end = this.#strings.indexOf(0, start);
    return decoder.decode(this.#strings.subarray(start, end < 0 ? undefined : end));
  }
}

const MOST_FOUND = 1 << 14;
const HAS_VALUE = 1 << 8;
const LABEL = (1 << 31) | 0xff;
const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & (1 << 9)) >> 6);
const utf8 = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ new TextDecoder('utf-8', { ignoreBOM: true });
