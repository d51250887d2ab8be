import { TokenTrie } from '../models/token-trie.js';
import type { MatchFinder } from './match-finder.js';

/** What has a meaning in a pattern, and what reads as something else in a text. */
const NOT_LITERAL = /[\\^$.*+?()[\]{}\ufffd]|\p{Surrogate}/u;
/** UTF-16 units of a string: finding takes text times the longest at worst. */
const LONGEST = 256;

/** The strings that a pattern is a choice of, `one|two|three`, if it is no more than that. */
export function literalsOf(pattern: string): string[] | undefined {
  const literals = [''];
  let escaped = false;
  for (const char of pattern) {
    if (escaped ? /[\p{L}\p{N}]/u.test(char) : char !== '\\' && NOT_LITERAL.test(char)) {
      return undefined;
    }
    if (!escaped && char === '|') literals.push('');
    else if (escaped || char !== '\\') literals[literals.length - 1] += char;
    escaped = !escaped && char === '\\';
  }
  const usual = literals.every(({ length }) => length > 0 && length <= LONGEST);
  return usual && !escaped ? literals : undefined;
}

/** Finds one of many strings; of those that stand at a place the one that comes first in the list. */
export class LiteralMatcher implements MatchFinder {
  readonly #literals: readonly string[];
  readonly #trie: TokenTrie;
  #text = '';
  #to = 0;

  constructor(literals: readonly string[]) {
    this.#literals = literals;
    // Of equal ones the first stays.
    const numbered = [...literals.entries()].reverse();
    this.#trie = new TokenTrie(new Map(numbered.map(([number, literal]) => [literal, number])));
  }

  begin(text: string, _: number, to: number): void {
    this.#text = text;
    this.#to = to;
  }

  matchAt(start: number): number {
    let first = -1;
    let node = TokenTrie.root;
    for (let at = start; at < this.#to; at++) {
      node = this.#trie.step(node, this.#text.charCodeAt(at));
      if (node < 0) break;
      const number = this.#trie.tokenAt(node);
      // As unsigned numbers, -1 (none) is above every number.
      if (number >>> 0 < first >>> 0) first = number;
    }
    return first < 0 ? -1 : start + this.#literals[first].length;
  }

  matched(): void {}
}
