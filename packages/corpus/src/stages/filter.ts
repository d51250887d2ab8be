import { requireNumber } from '../argument.js';
import { type DocumentStage, documentStage } from '../pipeline.js';
import { UNSPACED } from './unspaced-scripts.js';

/** Ratios are shares from 0 to 1. A rule is off with 0 (a least) or 1 or Infinity (a most). */
export interface FilterOptions {
  /** Least UTF-16 units. Default 100. Else `too-short`. */
  readonly minCharacters?: number;
  /** Most UTF-16 units. Default 10,000,000. Else `too-long`. */
  readonly maxCharacters?: number;
  /** Least share of letters among the characters that are no white space. Default 0.5. Else `few-letters`. */
  readonly minAlphaRatio?: number;
  /** Most share of lines that repeat an earlier line. Default 0.5, since code repeats short lines (Gopher, for prose: 0.3). Else `repeated-lines`. */
  readonly maxLineRepetition?: number;
  /** Most share of characters in lines that repeat an earlier line. Default 0.2 (Gopher). Else `repeated-text`. */
  readonly maxTextRepetition?: number;
  /** Most lone `#` and ellipses for each word. Default 0.1 (Gopher). Else `many-symbols`. */
  readonly maxSymbolRatio?: number;
  /** Most share of lines that end in an ellipsis. Default 0.3 (Gopher). Else `ellipsis-lines`. */
  readonly maxEllipsisLines?: number;
  /** Most share of lines that begin with a bullet. Default 1, off, for the sake of changelogs (Gopher: 0.9). Else `bullet-lines`. */
  readonly maxBulletLines?: number;
  /** Most UTF-16 units of a mean word. Default 20, against encoded data and minified code (Gopher, for prose: 10). Else `long-words`. */
  readonly maxMeanWordLength?: number;
  /** Most share of U+FFFD, what is left of broken encodings. Default 0.005. Else `broken-encoding`. */
  readonly maxReplacementRatio?: number;
}

/**
 * Drops documents that do not look like text worth learning from, by the kind of rules that made
 * Gopher's MassiveText (Rae et al. 2021, arXiv:2112.11446, appendix A.1) and C4 (Raffel et al.
 * 2020, arXiv:1910.10683). The first rule that a document breaks gives the reason.
 *
 * Words are runs between white space; a rule about words passes over text in scripts without
 * spaces between words.
 */
export function filter(options: FilterOptions = {}): DocumentStage {
  const rules: Required<FilterOptions> = {
    minCharacters: options.minCharacters ?? 100,
    maxCharacters: options.maxCharacters ?? 10_000_000,
    minAlphaRatio: options.minAlphaRatio ?? 0.5,
    maxLineRepetition: options.maxLineRepetition ?? 0.5,
    maxTextRepetition: options.maxTextRepetition ?? 0.2,
    maxSymbolRatio: options.maxSymbolRatio ?? 0.1,
    maxEllipsisLines: options.maxEllipsisLines ?? 0.3,
    maxBulletLines: options.maxBulletLines ?? 1,
    maxMeanWordLength: options.maxMeanWordLength ?? 20,
    maxReplacementRatio: options.maxReplacementRatio ?? 0.005,
  };
  for (const [name, value] of Object.entries(rules)) {
    const isShare = !/Characters$|WordLength$|SymbolRatio$/.test(name);
    requireNumber(name, value, 0, isShare ? 1 : Number.POSITIVE_INFINITY);
  }
  return documentStage('filter', () => (document) => {
    const reason = brokenRule(document.text, rules);
    return reason === undefined ? document : { drop: reason };
  });
}

function brokenRule(text: string, rules: Required<FilterOptions>): string | undefined {
  // The lengths first: the rest costs time.
  if (text.length < rules.minCharacters) return 'too-short';
  if (text.length > rules.maxCharacters) return 'too-long';
  const characters = measureCharacters(text);
  if (characters.letters < rules.minAlphaRatio * characters.visible) return 'few-letters';
  if (characters.replacements > rules.maxReplacementRatio * characters.visible) {
    return 'broken-encoding';
  }
  const lines = measureLines(text);
  if (lines.repeated > rules.maxLineRepetition * lines.count) return 'repeated-lines';
  if (lines.repeatedLength > rules.maxTextRepetition * lines.length) return 'repeated-text';
  if (lines.ellipses > rules.maxEllipsisLines * lines.count) return 'ellipsis-lines';
  if (lines.bullets > rules.maxBulletLines * lines.count) return 'bullet-lines';
  const words = count(text, /\S+/g);
  if (characters.symbols > rules.maxSymbolRatio * words) return 'many-symbols';
  const spaced = characters.unspaced < 0.3 * characters.visible;
  if (spaced && characters.visible > rules.maxMeanWordLength * words) return 'long-words';
  return undefined;
}

function measureCharacters(text: string): {
  visible: number;
  letters: number;
  symbols: number;
  replacements: number;
  unspaced: number;
} {
  return {
    visible: covered(text, /\S+/g),
    // Marks are letters too: vowel signs of Indic scripts, harakat.
    letters: covered(text, /[\p{L}\p{M}]+/gu),
    symbols: count(text, /#(?![\p{L}\p{N}])|\u2026|\.\.\./gu),
    replacements: count(text, /\ufffd/g),
    unspaced: covered(text, new RegExp(`[${UNSPACED}]+`, 'gu')),
  };
}

function measureLines(text: string): {
  count: number;
  length: number;
  repeated: number;
  repeatedLength: number;
  ellipses: number;
  bullets: number;
} {
  const seen = new Set<string>();
  const totals = { count: 0, length: 0, repeated: 0, repeatedLength: 0, ellipses: 0, bullets: 0 };
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '') continue;
    totals.count++;
    totals.length += line.length;
    if (seen.has(line)) {
      totals.repeated++;
      totals.repeatedLength += line.length;
    }
    seen.add(line);
    if (/(?:\u2026|\.\.\.)$/.test(line)) totals.ellipses++;
    if (/^(?:[-*\u2022\u2023\u25cf]\s|\d+[.)]\s)/.test(line)) totals.bullets++;
  }
  return totals;
}

function count(text: string, pattern: RegExp): number {
  let total = 0;
  for (const _ of text.matchAll(pattern)) total++;
  return total;
}

/** How many UTF-16 units of `text` lie in matches of `pattern`. */
function covered(text: string, pattern: RegExp): number {
  let total = 0;
  for (const [match] of text.matchAll(pattern)) total += match.length;
  return total;
}
