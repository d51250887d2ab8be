import {
  type Backend,
  type Callback,
  HeddleError,
  type Objective,
  type Params,
  type TokenBatch,
  type Tokenizer,
} from '@heddle/core';
import {
  openTokenShards,
  packedBatches,
  sequentialBatches,
  type TokenShards,
} from '@heddle/corpus';
import { causalLm, maskedLm, pretrain } from '@heddle/pretrain';
import { loadTokenizer } from '@heddle/tokenizer/node';
import { progress, sampler, type TrainResult } from '@heddle/trainer';
import type { Transformer } from '@heddle/transformer';
import type { CommandContext } from '../command.js';
import { makePart } from '../plugins.js';
import { count, excerpt } from '../terminal/format.js';
import { type RunFolder, requirePath } from './folder.js';
import { writeText } from './generate.js';
import { countParameters, modelOf } from './model.js';
import { MASK, tokensOf } from './tokenizer.js';

export interface Pretrained {
  readonly model: Transformer;
  readonly result: TrainResult;
}

/** At most so many rows of the validation split are measured while training; `eval` reads all of it. */
const VALIDATION_ROWS = 64;

/** Trains on the run's tokens, or goes on from its newest checkpoint. */
export async function pretrainModel(
  { config, reporter, signal }: CommandContext,
  folder: RunFolder,
  backend: Backend,
  resume: boolean,
): Promise<Pretrained> {
  const { pretrain: settings, seed } = config;
  const tokenizer = await loadTokenizer(requirePath(folder.tokenizer, 'heddle tokenizer train'));
  await using seen = await openTokenShards(
    requirePath(tokensOf(folder, 'train'), 'heddle tokenizer train'),
    { tokenizer },
  );
  await using held = await openTokenShards(
    requirePath(tokensOf(folder, 'validation'), 'heddle tokenizer train'),
    { tokenizer },
  );
  const model = modelOf(config, tokenizer);
  const { rows } = settings;
  const length = model.contextLength;
  const heldBatches = await firstRows(held, rows, length);
  const objective =
    settings.objective === 'causal'
      ? causalLm(model)
      : masked(model, tokenizer, config.tokenizer.endOfText);
  const steps = settings.steps ?? (settings.seconds === undefined ? 1000 : undefined);
  const sample = (params: Params): Promise<string> =>
    writeText({
      model,
      params,
      tokenizer,
      backend,
      prompt: '',
      endOfText: config.tokenizer.endOfText,
      options: { ...config.generate, maxTokens: 40 },
      seed,
      signal,
    });
  const callbacks: Callback[] = [progress({ stream: reporter.sink })];
  for (const { name, options } of settings.callbacks)
    callbacks.push(await makePart(config.plugins, 'callbacks', name, options));
  if (model.causal) {
    callbacks.push(
      sampler({
        every: settings.sampleEvery ?? settings.evaluateEvery,
        sample,
        onSample: (text) => reporter.line(`sample: ${excerpt(text, 160)}`),
      }),
    );
  }
  const result = await pretrain({
    backend,
    model,
    objective,
    data: packedBatches(seen, { rows, length, seed }),
    validation: heldBatches,
    lr: settings.lr,
    minLr: settings.minLr,
    warmup: settings.warmup,
    weightDecay: settings.weightDecay,
    clip: settings.clip,
    precision: settings.precision,
    steps,
    seconds: settings.seconds,
    accumulate: settings.accumulate,
    logEvery: settings.logEvery,
    evaluateEvery: settings.evaluateEvery,
    checkpointEvery: settings.checkpointEvery,
    keep: settings.keep,
    directory: folder.pretrain,
    resume,
    tokenizer,
    seed,
    callbacks,
    signal,
  });
  reporter.done(
    `${count(countParameters(result.params))} parameters, ${count(result.step)} steps, ${result.reason}; checkpoint ${result.checkpoint}`,
  );
  return { model, result };
}

/** Masked language modelling with the mask token that the tokenizer was trained with. */
function masked(
  model: Transformer,
  tokenizer: Tokenizer,
  endOfText: string,
): Objective<TokenBatch> {
  const [maskId, end] = [MASK, endOfText].map((token) => tokenizer.idOf(token));
  if (maskId === undefined) {
    throw new HeddleError(
      'cli/missing-input',
      `The tokenizer has no ${MASK}. Train it with --set pretrain.objective=masked.`,
      {
        path: 'tokenizer.json',
        madeBy: 'heddle tokenizer train --set pretrain.objective=masked',
      },
    );
  }
  return maskedLm(model, { maskId, specialIds: end === undefined ? [] : [end] });
}

async function firstRows(held: TokenShards, rows: number, length: number): Promise<TokenBatch[]> {
  const batches: TokenBatch[] = [];
  for await (const { value } of sequentialBatches(held, { rows, length }).read({
    rank: 0,
    worldSize: 1,
  })) {
    batches.push(value);
    if (batches.length * rows >= VALIDATION_ROWS) break;
  }
  return batches;
}
