import { IdList } from '../id-list.js';
import type { TextTokenizer } from '../tokenizer.js';
import { gaps, merged, type Range } from './ranges.js';
import { AS_IT_STANDS, type SpecialRanges } from './special-ranges.js';

export interface EncodedChat {
  readonly ids: Int32Array;
  /** Where each token lies in the text, two numbers a token; only if asked for. */
  readonly offsets?: Int32Array;
}

/**
 * Encodes a rendered chat: the special tokens of the template are read as such, those in `literal` as text. The text
 * from a special token to the next is encoded in one go, so words are not cut at what a user wrote.
 */
export function encodeRendered(
  tokenizer: TextTokenizer,
  text: string,
  literal: readonly Range[],
  find: SpecialRanges,
  wantOffsets: boolean,
): EncodedChat {
  const written = literal.map((range) => wholeToken(text, range, find));
  const asText = merged(literalStretches(text, written, find));
  const parts = [
    ...asText.map((range) => ({ range, parseSpecialTokens: false })),
    ...gaps(asText, text.length).map((range) => ({ range, parseSpecialTokens: true })),
  ].sort((a, b) => a.range[0] - b.range[0]);
  const ids = new IdList(text.length >> 1);
  const offsets = new IdList(wantOffsets ? text.length : 0);
  for (const { range, parseSpecialTokens } of parts) {
    const [start, end] = range;
    const options = { ...AS_IT_STANDS, parseSpecialTokens, offsets: wantOffsets };
    const encoding = tokenizer.encode(text.slice(start, end), options);
    for (const id of encoding.ids) ids.push(id);
    for (const offset of encoding.offsets ?? []) offsets.push(start + offset);
  }
  return { ids: ids.toArray(), ...(wantOffsets && { offsets: offsets.toArray() }) };
}

/** Where a template cut a text at one of its marks, the token that begins or ends there. */
function wholeToken(text: string, [start, end]: Range, find: SpecialRanges): Range {
  if (start < end) return [start, end];
  const near = Math.max(0, start - NEAR);
  const before = find(text.slice(near, start)).at(-1);
  const after = find(text.slice(start, start + NEAR))[0];
  return [
    before && near + before[1] === start ? near + before[0] : start,
    after?.[0] === 0 ? start + after[1] : start,
  ];
}

/** UTF-16 units in which a special token lies that begins or ends somewhere. */
const NEAR = 4096;

/** Each range with all text around it up to the template's own special tokens. */
function literalStretches(text: string, literal: readonly Range[], find: SpecialRanges): Range[] {
  if (literal.length === 0) return [];
  const own = gaps(merged(literal), text.length).flatMap(([start, end]) =>
    find(text.slice(start, end)).map(([from, to]) => [start + from, start + to] as const),
  );
  return literal.map(([start, end]) => {
    const before = own.filter((range) => range[1] <= start).at(-1);
    const after = own.find((range) => range[0] >= end);
    return [before?.[1] ?? 0, after?.[0] ?? text.length] as const;
  });
}
