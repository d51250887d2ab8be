import {
  type Backend,
  type Context,
  HeddleError,
  type LanguageModel,
  type Params,
  type Tensor,
  type TokenBatch,
  type TokenInput,
} from '@heddle/core';
import { crossEntropy, gather, reshape, sum, tensor } from '@heddle/tensor';

/** Positions with this target count for nothing, as in PyTorch. */
export const IGNORED = -100;

/**
 * A batch on the device: ids and segments i32 [B, T].
 *
 * @throws `pretrain/sequence-too-long`; `shape-mismatch` if an array does not have rows x length numbers
 */
export function tokenInput(model: LanguageModel, batch: TokenBatch, backend: Backend): TokenInput {
  const { rows, length, ids, segments, targets } = batch;
  if (length > model.contextLength)
    throw new HeddleError(
      'pretrain/sequence-too-long',
      `The batch has rows of ${length} tokens, the model a context of ${model.contextLength}. ` +
        'Pack shorter rows, or configure a longer context.',
      { length, contextLength: model.contextLength },
    );
  for (const array of [ids, segments, targets])
    if (array !== undefined && array.length !== rows * length)
      throw new HeddleError(
        'shape-mismatch',
        `A batch of ${rows} rows of ${length} has an array of ${array.length} numbers; it needs ${rows * length}.`,
        { op: 'TokenBatch', shapes: [[rows, length], [array.length]] },
      );
  const shape = [rows, length];
  return {
    ids: tensor(backend, ids, shape),
    ...(segments === undefined ? {} : { segments: tensor(backend, segments, shape) }),
  };
}

/**
 * The sum of the cross-entropies at the positions whose target is not -100, and how many they are.
 * Logits, by far the largest tensor, are made for these positions only.
 */
export function lossAt(
  model: LanguageModel,
  params: Params,
  input: TokenInput,
  targets: Int32Array,
  context: Context,
): { sum: Tensor; count: number } {
  const { backend } = context;
  const positions = indicesOf(targets);
  const hidden = model.hidden(params, input, context); // [B, T, E]
  const rows = reshape(hidden, [targets.length, model.hiddenSize]); // [B T, E]
  const chosen =
    positions.length === targets.length ? rows : gather(rows, tensor(backend, positions)); // [N, E]
  const wanted = tensor(
    backend,
    positions.map((i) => targets[i]),
  ); // [N]
  const losses = crossEntropy(model.logits(params, chosen), wanted); // [N]
  return { sum: sum(losses), count: positions.length };
}

/** Where something is to be predicted. */
function indicesOf(targets: Int32Array): Int32Array {
  const found = new Int32Array(targets.length);
  let count = 0;
  for (let i = 0; i < targets.length; i++) if (targets[i] !== IGNORED) found[count++] = i;
  return found.subarray(0, count);
}
