import { PairTable } from './pair-table.js';

/**
 * Where a text may be cut without changing its tokens: between two characters of the vocabulary that no token
 * holds side by side. A text without spaces to cut at, a whole book, becomes short pieces that come again and again.
 */
export class Joints {
  /** Units that are characters of the vocabulary. */
  readonly #known = new Uint8Array(0x10000);
  /** Units that stand side by side in a token. */
  readonly #pairs = new PairTable(1024);

  constructor(tokens: Iterable<string>) {
    for (const token of tokens) {
      if (token.length === 1) this.#known[token.charCodeAt(0)] = 1;
      for (let i = 1; i < token.length; i++) {
        const left = token.charCodeAt(i - 1);
        const right = token.charCodeAt(i);
        if (this.#pairs.get(left, right) < 0) this.#pairs.add(left, right, 1);
      }
    }
  }

  /** Where the first part of `text[start, end)` ends. */
  partEnd(text: string, start: number, end: number): number {
    let left = text.charCodeAt(start);
    for (let at = start + 1; at < end; at++) {
      const right = text.charCodeAt(at);
      if (this.#pairs.get(left, right) < 0 && this.#known[left] && this.#known[right]) return at;
      left = right;
    }
    return end;
  }
}
