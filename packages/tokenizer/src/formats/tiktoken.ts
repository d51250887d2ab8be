import type { Json } from '@heddle/core';
import { BYTE_CHARS } from '../byte-alphabet.js';
import { MOST_TOKENS } from '../limits.js';
import { badFile } from './bad-file.js';
import { type BytePattern, byteBpe, byteDecoder, bytePreTokenizer } from './byte-level-content.js';
import { addedToken, tokenizerContent } from './content.js';
import { linesOf } from './lines.js';
import { mergesOfTokens } from './merges-of-tokens.js';

export interface TiktokenOptions {
  readonly pattern: BytePattern;
  readonly specialTokens?: Iterable<readonly [token: string, id: number]>;
}

/** Bytes of the longest token that merges lead to; the longest of o200k_base has 128. */
export const LONGEST_TOKEN = 512;

/**
 * The content of a `tokenizer.json` for a `.tiktoken` file: a token in base64 and its rank on each line. The
 * ids are those of OpenAI's tiktoken. The options of its encodings are in `tiktoken-encodings.ts`.
 *
 * @throws HeddleError `bad-file`
 */
export function tiktokenJson(text: string, options: TiktokenOptions): Json {
  const ranks = ranksOf(text);
  for (const [byte, char] of BYTE_CHARS.entries()) {
    if (!ranks.has(char)) throw badFile(FILE, `there is no token for the byte ${byte}`);
  }
  return tokenizerContent({
    addedTokens: Array.from(options.specialTokens ?? [], ([token, id]) =>
      addedToken(id, token, true),
    ),
    preTokenizer: bytePreTokenizer(options.pattern),
    decoder: byteDecoder(),
    // tiktoken looks for whole pieces first, too.
    model: byteBpe({
      vocab: ranks,
      merges: mergesOfTokens(ranks, LONGEST_TOKEN),
      ignoreMerges: true,
    }),
  });
}

const FILE = 'tiktoken file';

/** Tokens in the byte alphabet, with their ranks. */
function ranksOf(text: string): Map<string, number> {
  const ranks = new Map<string, number>();
  const seen = new Set<number>();
  for (const [index, line] of linesOf(text, FILE).entries()) {
    if (line === '') continue;
    const place = `${FILE}, line ${index + 1}`;
    // Whisper's file has an empty token, written as a lone =.
    const [, base64, digits] = /^([A-Za-z0-9+/]*)={0,2} (\d{1,7})$/.exec(line) ?? [];
    if (base64 === undefined) throw badFile(place, 'should be a token in base64 and its rank');
    const rank = Number(digits);
    if (rank >= MOST_TOKENS) throw badFile(place, `the rank ${rank} is not below ${MOST_TOKENS}`);
    const token = tokenOf(base64, place);
    if (ranks.has(token)) throw badFile(place, 'the token stands there twice');
    if (seen.has(rank)) throw badFile(place, `the rank ${rank} stands there twice`);
    seen.add(rank);
    ranks.set(token, rank);
  }
  return ranks;
}

function tokenOf(base64: string, place: string): string {
  let bytes: string;
  try {
    bytes = atob(base64);
  } catch (error) {
    throw badFile(place, 'the token is no base64', error);
  }
  let token = '';
  for (let i = 0; i < bytes.length; i++) token += BYTE_CHARS[bytes.charCodeAt(i)];
  return token;
}
