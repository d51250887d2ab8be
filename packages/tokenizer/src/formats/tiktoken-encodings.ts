import { CL100K_PATTERN, O200K_PATTERN } from './byte-level-content.js';
import type { TiktokenOptions } from './tiktoken.js';

/** Patterns and special tokens of tiktoken's encodings, as `tiktoken_ext/openai_public.py` has them. */

const END = '<|endoftext|>';
const END_OF_PROMPT = '<|endofprompt|>';
const FILL_IN = ['<|fim_prefix|>', '<|fim_middle|>', '<|fim_suffix|>'];

/** GPT-4 and GPT-3.5. */
export const cl100kBase: TiktokenOptions = {
  pattern: CL100K_PATTERN,
  specialTokens: [[END, 100257], ...numbered(FILL_IN, 100258), [END_OF_PROMPT, 100276]],
};

/** GPT-4o and what followed. */
export const o200kBase: TiktokenOptions = {
  pattern: O200K_PATTERN,
  specialTokens: [
    [END, 199999],
    [END_OF_PROMPT, 200018],
  ],
};

/** Codex. */
export const p50kBase: TiktokenOptions = { pattern: 'gpt2', specialTokens: [[END, 50256]] };

/** GPT-3; the same as GPT-2's. */
export const r50kBase: TiktokenOptions = p50kBase;

/** GPT-2. */
export const gpt2: TiktokenOptions = p50kBase;

function numbered(tokens: readonly string[], first: number): [string, number][] {
  return tokens.map((token, i) => [token, first + i]);
}
