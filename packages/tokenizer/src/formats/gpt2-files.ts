import type { Json } from '@heddle/core';
import { MOST_TOKENS } from '../limits.js';
import { badFile } from './bad-file.js';
import { type BytePattern, byteBpe, byteDecoder, bytePreTokenizer } from './byte-level-content.js';
import { addedToken, tokenizerContent } from './content.js';
import { linesOf } from './lines.js';

export interface Gpt2Options {
  /** How a text is cut into pieces. Default GPT-2's pattern. */
  readonly pattern?: BytePattern;
  /** A text that does not begin with a space is read as if it did. Default false. */
  readonly addPrefixSpace?: boolean;
  /** Brings texts into Unicode's form NFC first, as Qwen 2 does. Default false. */
  readonly nfc?: boolean;
  /** Tokens of the vocabulary, or new ones, which get the ids after it. Default `<|endoftext|>`, if it is there. */
  readonly specialTokens?: readonly string[];
}

/** The first line of `merges.txt`. */
export const GPT2_VERSION = '#version: 0.2';

/**
 * The content of a `tokenizer.json` for the two files of GPT-2 (Radford et al. 2019): `vocab.json` (once
 * `encoder.json`), and `merges.txt` (once `vocab.bpe`).
 *
 * @throws HeddleError `bad-file`
 */
export function gpt2Json(vocabJson: string, mergesTxt: string, options: Gpt2Options = {}): Json {
  const vocab = vocabOf(vocabJson);
  let next = 0;
  for (const id of vocab.values()) next = Math.max(next, id + 1);
  const end = '<|endoftext|>';
  const specialTokens = options.specialTokens ?? (vocab.has(end) ? [end] : []);
  return tokenizerContent({
    addedTokens: specialTokens.map((token) => addedToken(vocab.get(token) ?? next++, token, true)),
    normalizer: options.nfc ? { type: 'NFC' } : null,
    preTokenizer: bytePreTokenizer(options.pattern ?? 'gpt2', options.addPrefixSpace),
    decoder: byteDecoder(),
    model: byteBpe({ vocab, merges: mergesOf(mergesTxt) }),
  });
}

function vocabOf(text: string): Map<string, number> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw badFile('vocab.json', error instanceof Error ? error.message : String(error), error);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw badFile('vocab.json', 'should be an object of tokens with their ids');
  }
  const vocab = new Map<string, number>();
  for (const [token, id] of Object.entries(json)) {
    if (!Number.isInteger(id) || id < 0 || id >= MOST_TOKENS) {
      throw badFile(`vocab.json[${JSON.stringify(token)}]`, 'should be an id');
    }
    vocab.set(token, id);
  }
  return vocab;
}

function mergesOf(text: string): [string, string][] {
  const merges: [string, string][] = [];
  for (const [index, line] of linesOf(text, 'merges.txt').entries()) {
    if (line === '' || line.startsWith('#version')) continue;
    const [left, right, ...more] = line.split(' ');
    if (!left || !right || more.length > 0) {
      throw badFile(`merges.txt, line ${index + 1}`, 'should be two tokens');
    }
    merges.push([left, right]);
  }
  return merges;
}
