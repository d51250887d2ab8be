import {
  type Backend,
  fold,
  HeddleError,
  type LanguageModel,
  type Objective,
  type Params,
  rngKey,
  type TokenBatch,
} from '@heddle/core';
import { scoped } from '@heddle/tensor';
import { causalLm } from './causal-lm.js';

export interface ValidationLossOptions {
  readonly backend: Backend;
  readonly params: Params;
  /** Held-out rows. */
  readonly batches: Iterable<TokenBatch> | AsyncIterable<TokenBatch>;
  /** Needed unless `objective` is given. */
  readonly model?: LanguageModel;
  /** Default `causalLm(model)`. */
  readonly objective?: Objective<TokenBatch>;
  readonly signal?: AbortSignal;
}

export interface ValidationLoss {
  /** Mean cross-entropy of a predicted token, in nats. Its exponential is the perplexity. */
  readonly loss: number;
  /** Sum of the cross-entropies, in nats. Divided by ln 2 and by the bytes of the text: bits per byte. */
  readonly sum: number;
  /** Tokens predicted. */
  readonly count: number;
}

/**
 * The loss over held-out batches, without dropout; every token weighs the same. Random masks are drawn
 * from the batch's number, so they are the same every time.
 *
 * @throws `pretrain/nothing-to-predict` if there is no target in any batch; the signal's reason
 */
export async function validationLoss(options: ValidationLossOptions): Promise<ValidationLoss> {
  const { backend, params, batches, signal } = options;
  const objective = options.objective ?? causalOf(options);
  let total = 0;
  let count = 0;
  let index = 0;
  for await (const batch of batches) {
    signal?.throwIfAborted();
    const context = { backend, train: false, key: fold(rngKey(0), index++) };
    const loss = scoped(() => objective.loss(params, batch, context));
    total += (await loss.sum.read())[0];
    count += loss.count;
    loss.sum.dispose();
  }
  if (count === 0)
    throw new HeddleError(
      'pretrain/nothing-to-predict',
      `There is nothing to predict in ${index} batches. Give held-out rows of at least two tokens.`,
      { batches: index },
    );
  return { loss: total / count, sum: total, count };
}

function causalOf({ model }: ValidationLossOptions): Objective<TokenBatch> {
  if (model !== undefined) return causalLm(model);
  throw new HeddleError('invalid-argument', 'validationLoss: give `model` or `objective`.', {
    argument: 'model',
    given: null,
  });
}
