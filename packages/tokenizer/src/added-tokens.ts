import { TokenTrie } from './models/token-trie.js';
import type { AddedToken } from './parts.js';
import { isSpace } from './unicode/white-space.js';
import { wordCharacters } from './unicode/word-characters.js';

type OnText = (start: number, end: number) => void;
type OnToken = (token: AddedToken, start: number, end: number) => void;

/** Calls `onText` for each stretch of `text[start, end)` without added tokens, `onToken` for each of them. */
export type SplitByTokens = (
  text: string,
  start: number,
  end: number,
  parseSpecialTokens: boolean,
  onToken: OnToken,
  onText: OnText,
) => void;

/**
 * Finds added tokens in a text, the leftmost first and of those the longest, as Hugging Face's library does. A
 * special token that is not to be parsed is text through which no other token is looked for.
 *
 * @param contents what each token looks like in the text: normalized, if the text is
 */
export function splitByTokens(
  tokens: readonly AddedToken[],
  contents: readonly string[] = tokens.map(({ content }) => content),
): SplitByTokens {
  const onlySpecial = tokens.every((token) => token.special);
  const matcher = longestMatcher(contents);
  return (text, start, end, parseSpecialTokens, onToken, onText) => {
    let textStart = start;
    let at = tokens.length === 0 || (onlySpecial && !parseSpecialTokens) ? end : start;
    while (at < end) {
      const found = matcher(text, at, end);
      if (found < 0) {
        at++;
        continue;
      }
      const token = tokens[found];
      const after = at + contents[found].length;
      const read =
        (parseSpecialTokens || !token.special) &&
        (!token.singleWord || standsAlone(text, start, end, at, after));
      if (read) {
        const from = token.lstrip ? Math.max(spacesBefore(text, textStart, at), textStart) : at;
        const to = token.rstrip ? spacesAfter(text, after, end) : after;
        if (from > textStart) onText(textStart, from);
        // Nothing is left of it where it is white space that the token before took along.
        if (from < to) {
          onToken(token, from, to);
          textStart = to;
        }
      }
      at = after;
    }
    if (end > textStart) onText(textStart, end);
  };
}

/** The number of the longest string that stands at a place of a text, or -1. */
function longestMatcher(
  contents: readonly string[],
): (text: string, at: number, end: number) => number {
  if (contents.length === 0) return () => -1;
  // Of equal ones the first stays.
  const numbered = [...contents.entries()].reverse();
  const trie = new TokenTrie(new Map(numbered.map(([number, content]) => [content, number])));
  return (text, at, end) => {
    let longest = -1;
    let node = trie.step(TokenTrie.root, text.charCodeAt(at));
    while (node >= 0) {
      const number = trie.tokenAt(node);
      if (number >= 0) longest = number;
      if (++at === end) break;
      node = trie.step(node, text.charCodeAt(at));
    }
    return longest;
  };
}

/** Whether no word goes on into `text[from, to)` or out of it. */
function standsAlone(text: string, start: number, end: number, from: number, to: number): boolean {
  const isWord = wordCharacters();
  const before = from > start && isWord[pointBefore(text, start, from)] === 1;
  return !before && !(to < end && isWord[text.codePointAt(to) as number] === 1);
}

function pointBefore(text: string, start: number, at: number): number {
  const low = text.charCodeAt(at - 1);
  const pair = at - 2 >= start && (low & 0xfc00) === 0xdc00;
  const point = pair ? (text.codePointAt(at - 2) as number) : low;
  return point > 0xffff ? point : low;
}

/** Where the white space before `at` begins, not before `start`. */
function spacesBefore(text: string, start: number, at: number): number {
  while (at > start && isSpace(text.charCodeAt(at - 1))) at--;
  return at;
}

/** Where the white space at `at` ends. */
function spacesAfter(text: string, at: number, end: number): number {
  while (at < end && isSpace(text.charCodeAt(at))) at++;
  return at;
}
