import { HeddleError, type LanguageModel, type Objective, type TokenBatch } from '@heddle/core';
import { IGNORED, lossAt, tokenInput } from './token-batch.js';

/**
 * Causal language modelling: every position predicts the next token of its row (and segment), by
 * cross-entropy. A batch's own `targets` are used where it has some; -100 counts for nothing.
 *
 * @throws `pretrain/not-causal` if positions of the model see those after them
 */
export function causalLm(model: LanguageModel): Objective<TokenBatch> {
  if (!model.causal)
    throw new HeddleError(
      'pretrain/not-causal',
      'Every position of this model sees the token that it should predict. Use maskedLm for it, or a causal model.',
      { objective: 'causal-lm' },
    );
  return {
    name: 'causal-lm',
    loss(params, batch, context) {
      const input = tokenInput(model, batch, context.backend);
      return lossAt(model, params, input, batch.targets ?? nextTokens(batch), context);
    },
  };
}

/** Each position's next id, [rows, length]; -100 at the end of a row and of a segment. */
export function nextTokens({ length, ids, segments }: TokenBatch): Int32Array {
  const targets = new Int32Array(ids.length).fill(IGNORED);
  for (let i = 0; i + 1 < ids.length; i++) {
    const rowEnds = (i + 1) % length === 0;
    const segmentEnds = segments !== undefined && segments[i] !== segments[i + 1];
    if (!rowEnds && !segmentEnds) targets[i] = ids[i + 1];
  }
  return targets;
}
