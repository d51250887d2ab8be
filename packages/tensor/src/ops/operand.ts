import { HeddleError, type Tensor } from '@heddle/core';
import { full } from '../create.js';
import { type DeviceTensor, device, sameDType } from '../tensor.js';

/** A tensor, or a number that takes the dtype of the others. */
export type Operand = Tensor | number;

/** Operands as tensors of one dtype; numbers become constants of it. */
export function operands(op: string, given: readonly Operand[]): DeviceTensor[] {
  const tensors = given.map((x) => (typeof x === 'number' ? undefined : device(x, op)));
  const like = tensors.find((x) => x !== undefined);
  if (!like) {
    throw new HeddleError(
      'invalid-argument',
      `${op}: given only numbers (${given.join(', ')}); at least one operand must be a tensor.`,
      { argument: `operands of ${op}`, given: given.map(String) },
    );
  }
  const all = given.map((x, i) => {
    if (typeof x !== 'number') return tensors[i]!;
    return full(like.backend, [], x, like.dtype) as DeviceTensor;
  });
  sameDType(op, all);
  return all;
}
