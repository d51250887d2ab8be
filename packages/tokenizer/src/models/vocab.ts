import type { Json } from '@heddle/core';

export function tokensById(vocab: ReadonlyMap<string, number>): string[] {
  const tokens: string[] = [];
  for (const [token, id] of vocab) tokens[id] = token;
  return tokens;
}

/** Units of the longest token. */
export function longestToken(vocab: ReadonlyMap<string, number>): number {
  let longest = 0;
  for (const token of vocab.keys()) longest = Math.max(longest, token.length);
  return longest;
}

/** Tokens with their ids, in the order of the ids. */
export function vocabJson(vocab: ReadonlyMap<string, number>): Json {
  return Object.fromEntries([...vocab].sort((a, b) => a[1] - b[1]));
}
