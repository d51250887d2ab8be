import { type Backend, HeddleError, type Tensor } from '@heddle/core';
import { tensor } from '@heddle/tensor';

/**
 * Checks token ids on the host and makes the tensor that models take.
 *
 * @param rows B rows of the same length T
 * @returns i32 [B, T]
 * @throws `transformer/token-id` for an id outside the vocabulary; `invalid-argument` for no ids or
 * rows of different lengths
 */
export function tokenIds(
  backend: Backend,
  rows: readonly ArrayLike<number>[],
  vocabSize: number,
): Tensor {
  const length = rows[0]?.length ?? 0;
  const odd = rows.find((row) => row.length !== length);
  if (length === 0 || odd !== undefined)
    throw new HeddleError(
      'invalid-argument',
      `Rows of token ids must have one length above 0; there are ${rows.length} rows, the first of ${length} ids` +
        `${odd ? `, another of ${odd.length}` : ''}. Pad them, and mark padding by \`segments\`.`,
      { argument: 'rows', given: odd?.length ?? length },
    );
  const ids = new Int32Array(rows.length * length);
  rows.forEach((row, r) => {
    checkTokenIds(row, vocabSize);
    ids.set(Int32Array.from(row), r * length);
  });
  return tensor(backend, ids, [rows.length, length], 'i32');
}

/** @throws `transformer/token-id` for an id that is not an integer from 0 to `vocabSize` - 1 */
export function checkTokenIds(ids: ArrayLike<number>, vocabSize: number): void {
  for (let index = 0; index < ids.length; index++) {
    const id = ids[index];
    if (Number.isInteger(id) && id >= 0 && id < vocabSize) continue;
    throw new HeddleError(
      'transformer/token-id',
      `Token id ${id} at position ${index} is outside the model's vocabulary, 0 to ${vocabSize - 1}. ` +
        'Encode with the tokenizer that the model was trained with.',
      { id, index, vocabSize },
    );
  }
}
