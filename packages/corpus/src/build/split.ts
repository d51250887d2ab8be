import { createHash } from 'node:crypto';
import type { Document } from '@heddle/core';

export type SplitName = 'train' | 'validation';

/**
 * The side of a document: `validation` for a share `validation` (0 to 1) of all texts, decided by
 * a hash of the seed and the text. It depends on nothing else, so a document keeps its side
 * however many others come, and equal texts are on one side. A string in `meta.splitKey` is hashed
 * instead of the text: documents that share it (the parts of one, see `chunk`) share a side.
 */
export function splitOf(
  document: Document,
  options: { readonly validation: number; readonly seed: number },
): SplitName {
  const { splitKey } = document.meta;
  const key = typeof splitKey === 'string' ? splitKey : document.text;
  const digest = createHash('sha256').update(`${options.seed}\n`).update(key).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48 < options.validation ? 'validation' : 'train';
}
