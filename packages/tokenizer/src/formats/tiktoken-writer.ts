import { alphabetBytes, BYTE_CHARS } from '../byte-alphabet.js';
import { toBase64 } from './base64.js';
import { byteLevelModel, tokenTexts } from './byte-level-sections.js';
import { checkImplied } from './implied-merges.js';
import { LONGEST_TOKEN } from './tiktoken.js';
import { notWritable, sectionsOf, type WritableTokenizer } from './tokenizer-sections.js';
import { checkWholeTokens } from './whole-tokens.js';

const FORMAT = 'a .tiktoken file';

/**
 * A byte-level BPE tokenizer as a `.tiktoken` file, for `tiktokenJson` and OpenAI's tiktoken. The file has neither the
 * pattern nor the special tokens: they are options of who reads it. It has no merges either: any two
 * neighbours merge that together are a token, the lowest id first.
 *
 * @throws HeddleError `tokenizer/not-writable` for a tokenizer of another kind, a normalizer, a prefix space, special
 * tokens around a text, a byte without a token, and merges with another effect
 */
export function toTiktoken(tokenizer: WritableTokenizer): string {
  const sections = sectionsOf(tokenizer, FORMAT);
  const { vocab, merges } = byteLevelModel(sections);
  if (sections.normalizer.length > 0) throw notWritable(FORMAT, 'normalizer', 'there is one');
  if (sections.preTokenizer.at(-1)?.add_prefix_space) {
    throw notWritable(FORMAT, 'pre_tokenizer', 'add_prefix_space is true');
  }
  const special = new Set(sections.addedTokens.map(({ content }) => content));
  const ranks = new Map(
    [...vocab].filter(([token]) => !special.has(token)).sort((a, b) => a[1] - b[1]),
  );
  const lines = Array.from(ranks, ([token, rank]) => {
    const bytes = alphabetBytes(token);
    if (bytes) return `${toBase64(bytes) || EMPTY} ${rank}\n`;
    throw notWritable(FORMAT, 'model.vocab', `${JSON.stringify(token)} is not made of bytes`);
  });
  for (const [byte, char] of BYTE_CHARS.entries()) {
    if (ranks.has(char)) continue;
    throw notWritable(FORMAT, 'model.vocab', `there is no token for the byte ${byte}`);
  }
  checkImplied(merges, ranks, LONGEST_TOKEN, FORMAT);
  checkWholeTokens(sections, true, tokenTexts(ranks.keys()), true);
  return lines.join('');
}

/** How Whisper's file has its empty token. */
const EMPTY = '=';
