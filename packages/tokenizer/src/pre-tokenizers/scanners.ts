import type { PieceEnd } from '../parts.js';
import type { Pattern } from '../regex/read.js';
import { cl100kPattern } from './cl100k-pattern.js';
import { gpt2Pattern } from './gpt2-pattern.js';
import { o200kPattern } from './o200k-pattern.js';

const CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?";

/** The regular expressions that there are scanners for; their matches leave nothing out. */
const SCANNERS: ReadonlyMap<string, () => PieceEnd> = /* @__PURE__ */ new Map([
  [
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
    gpt2Pattern,
  ],
  [cl100kRegex('\\p{N}{1,3}'), () => cl100kPattern(3)],
  [cl100kRegex('\\p{N}'), () => cl100kPattern(1)],
  [
    o200kRegex(CONTRACTION, '\\p{N}{1,3}'),
    () => o200kPattern({ maxDigits: 3, contractions: true }),
  ],
  [o200kRegex('', '\\p{N}'), () => o200kPattern({ maxDigits: 1, contractions: false })],
]);

function cl100kRegex(numbers: string): string {
  return `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${numbers}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;
}

function o200kRegex(contraction: string, numbers: string): string {
  const first = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]';
  const last = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]';
  const before = '[^\\r\\n\\p{L}\\p{N}]?';
  return `${before}${first}*${last}+${contraction}|${before}${first}+${last}*${contraction}|${numbers}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;
}

/** The scanner that finds what a pattern matches, if there is one. */
export function scannerOf({ source }: Pattern): PieceEnd | undefined {
  return source === undefined ? undefined : SCANNERS.get(source)?.();
}
