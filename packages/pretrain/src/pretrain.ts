import type { Json, LanguageModel, Objective, Params, TokenBatch } from '@heddle/core';
import { adamw } from '@heddle/tensor';
import { cosine, type TrainOptions, type TrainResult, train } from '@heddle/trainer';
import { causalLm } from './causal-lm.js';
import { validationLoss } from './validation-loss.js';

export interface PretrainOptions
  extends Omit<
    TrainOptions<TokenBatch>,
    'model' | 'objective' | 'optimizer' | 'schedule' | 'evaluate'
  > {
  readonly model: LanguageModel;
  /** Default `causalLm(model)`. */
  readonly objective?: Objective<TokenBatch>;
  /** The highest learning rate. Default 6e-4; smaller models bear more (1e-3), larger ones less. */
  readonly lr?: number;
  /** That of the last step. Default a tenth of `lr`. */
  readonly minLr?: number;
  /** Steps, or, below 1, part of all steps. Default 0.02. */
  readonly warmup?: number;
  /** Of weights with two axes or more; biases and norms do not decay. Default 0.1. */
  readonly weightDecay?: number;
  /** Norm that the gradient is clipped to. Default 1. */
  readonly clip?: number;
  /** Held-out rows, measured every `evaluateEvery` steps and at the end. Read anew each time: an array or a function. */
  readonly validation?: readonly TokenBatch[] | (() => AsyncIterable<TokenBatch>);
}

/**
 * Pre-trains a language model as GPT-3's report does (Brown et al. 2020, appendix B): AdamW with
 * betas 0.9 and 0.95, weight decay 0.1 on matrices, warm-up, a cosine to a tenth, clipping at 1.
 * All that `train` takes besides is passed on; where another optimizer or schedule is wanted, call
 * `train` itself.
 *
 * @throws what `train`, `causalLm` and `validationLoss` throw
 */
export function pretrain(options: PretrainOptions): Promise<TrainResult> {
  const { model, backend, lr = 6e-4, minLr = lr / 10, warmup = 0.02 } = options;
  const { weightDecay = 0.1, clip = 1, validation, ...rest } = options;
  const objective = options.objective ?? causalLm(model);
  const measured = validation && {
    evaluate: async (params: Params) => {
      const batches = typeof validation === 'function' ? validation() : validation;
      const { loss } = await validationLoss({ backend, params, batches, objective });
      return { loss };
    },
  };
  return train({
    ...rest,
    objective,
    optimizer: adamw({
      beta1: 0.9,
      beta2: 0.95,
      weightDecay,
      decay: (_, shape) => shape.length > 1,
    }),
    schedule: cosine({ lr, minLr, warmup }),
    clip,
    ...measured,
    files: { ...generationConfig(model), ...options.files },
    config: { lr, minLr, warmup, weightDecay, ...options.config },
  });
}

/** `generation_config.json`, which Hugging Face's libraries read beside a causal model. */
function generationConfig({ causal, config }: LanguageModel): Record<string, Json> {
  if (!causal) return {};
  const { bos_token_id = null, eos_token_id = null, pad_token_id = null } = config;
  const content = { _from_model_config: true, bos_token_id, eos_token_id, pad_token_id };
  return { 'generation_config.json': content };
}
