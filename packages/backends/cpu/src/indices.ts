import { HeddleError, type TypedArray } from '@heddle/core';

/** Throws `invalid-argument` unless every id is in 0 … limit-1, or is `ignore`. */
export function checkIndices(op: string, ids: TypedArray, limit: number, ignore?: number): void {
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i];
    if ((id >= 0 && id < limit) || id === ignore) continue;
    throw new HeddleError(
      'invalid-argument',
      `cpu: ${op} got index ${id} at position ${i}, outside 0 … ${limit - 1}. ` +
        'Check that the token ids come from the tokenizer that the model was made for.',
      { argument: `${op} index`, given: id },
    );
  }
}
