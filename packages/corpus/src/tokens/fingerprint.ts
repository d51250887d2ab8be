import { createHash } from 'node:crypto';
import type { Json, Tokenizer } from '@heddle/core';

/**
 * 32 hexadecimal digits that tell tokenizers apart: the first half of the SHA-256 of the content
 * of `tokenizer.json`, whatever the order of its keys.
 */
export function tokenizerFingerprint(tokenizer: Tokenizer): string {
  const canonical = JSON.stringify(sortKeys(tokenizer.toJSON()));
  return createHash('sha256').update(canonical).digest('hex').slice(0, 32);
}

function sortKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  // Pairs and not an object, which would put keys like "1" first and mishandle "__proto__".
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, below]): Json => [key, sortKeys(below)]);
}
