import {
  type Backend,
  HeddleError,
  type LanguageModel,
  type Objective,
  type Tensor,
  type TokenBatch,
  type TokenInput,
} from '@heddle/core';
import { nextTokens } from '@heddle/pretrain';
import {
  add,
  crossEntropy,
  gather,
  logSoftmax,
  mean,
  mul,
  reshape,
  sum,
  tensor,
} from '@heddle/tensor';

export interface SmoothedCausalLmOptions {
  /** How much of each target is spread over the whole vocabulary, from 0 to below 1. Default 0.1. */
  readonly smoothing?: number;
}

/** Positions with this target count for nothing. */
const IGNORED = -100;

/**
 * Predicts the next token with label smoothing (Szegedy et al. 2016): of each target, `smoothing` is spread evenly
 * over the vocabulary. A batch's own `targets` are used where it has some. The count is that of the targets.
 */
export function smoothedCausalLm(
  model: LanguageModel,
  { smoothing = 0.1 }: SmoothedCausalLmOptions = {},
): Objective<TokenBatch> {
  if (!(smoothing >= 0 && smoothing < 1)) {
    throw new HeddleError(
      'invalid-argument',
      `smoothedCausalLm: smoothing cannot be ${smoothing}; it must be from 0 to below 1.`,
      { argument: 'smoothing', given: String(smoothing) },
    );
  }
  return {
    name: 'part-name',
    loss(params, batch, context) {
      const { backend } = context;
      const targets = batch.targets ?? nextTokens(batch);
      const counted = (target: number): boolean => target !== IGNORED;
      const positions = Int32Array.from(targets.keys()).filter((i) => counted(targets[i])); // [N]
      const hidden = model.hidden(params, inputOf(batch, backend), context); // [B, T, E]
      const rows = reshape(hidden, [targets.length, model.hiddenSize]); // [B T, E]
      const logits = model.logits(params, gather(rows, tensor(backend, positions))); // [N, V]
      const wanted = tensor(backend, targets.filter(counted)); // [N]
      return { sum: smoothedLoss(logits, wanted, smoothing), count: positions.length };
    },
  };
}

/** The sum of the cross-entropies between smoothed targets and what the logits say. logits: [N, V], targets: [N] -> []. */
function smoothedLoss(logits: Tensor, targets: Tensor, smoothing: number): Tensor {
  const ofTarget = crossEntropy(logits, targets); // [N]
  const ofAll = mul(mean(logSoftmax(logits), { axes: [-1] }), -1); // [N]
  return sum(add(mul(ofTarget, 1 - smoothing), mul(ofAll, smoothing)));
}

function inputOf({ rows, length, ids, segments }: TokenBatch, backend: Backend): TokenInput {
  const onDevice = (data: Int32Array): Tensor => tensor(backend, data, [rows, length]);
  return { ids: onDevice(ids), ...(segments && { segments: onDevice(segments) }) };
}
