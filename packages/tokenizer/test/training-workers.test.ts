import { HeddleError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { metaspacePreTokenizer } from '../src/pre-tokenizers/metaspace.js';
import { countInWorkers } from '../src/train/count-in-workers.js';
import { trainBpe } from '../src/train/train-bpe.js';
import { trainUnigram } from '../src/train/train-unigram.js';
import { golden, type TrainingCase } from './golden.js';
import type { UnigramGolden } from './log-probability.js';

const texts = golden<TrainingCase[]>('training.json').flatMap((one) => one.texts);
const { train } = golden<UnigramGolden>('unigram.json').generated;
/** Enough text for several batches. */
const many = Array.from({ length: 200 }, (_, i) => `${train.join('\n')} word${i}`);

describe('countInWorkers', () => {
  it.each([1, 2])('gives trainBpe the same vocabulary with %d workers', async (workers) => {
    const options = { vocabSize: 600, specialTokens: ['<s>'] };
    const alone = await trainBpe(texts, options);
    const together = await trainBpe(texts, {
      ...options,
      countPieces: countInWorkers({ workers }),
    });
    expect(together.toJSON()).toEqual(alone.toJSON());
  });

  it('gives trainUnigram the very same scores', async () => {
    const options = { vocabSize: 200 };
    const alone = await trainUnigram(many, options);
    const countPieces = countInWorkers({ workers: 2 });
    const together = await trainUnigram(many, { ...options, countPieces });
    expect(together.toJSON()).toEqual(alone.toJSON());
  });

  it('stops when it is aborted', async () => {
    const controller = new AbortController();
    async function* endless(): AsyncGenerator<string> {
      for (let i = 0; ; i++) {
        if (i === 100) controller.abort(new Error('enough'));
        yield many[i % many.length];
      }
    }
    const countPieces = countInWorkers({ workers: 2 });
    const options = { vocabSize: 600, signal: controller.signal, countPieces };
    await expect(trainBpe(endless(), options)).rejects.toThrow('enough');
  });

  it('hands on what the source throws', async () => {
    const broken = new Error('the source broke');
    function* breaking(): Generator<string> {
      yield* many;
      throw broken;
    }
    const countPieces = countInWorkers({ workers: 1 });
    await expect(trainBpe(breaking(), { vocabSize: 600, countPieces })).rejects.toBe(broken);
  });

  it('hands on the errors of workers', async () => {
    const own = metaspacePreTokenizer({ replacement: '▁', prependScheme: 'always', split: true });
    const preTokenizer = { ...own, toJSON: () => ({ type: 'Own' }) };
    const countPieces = countInWorkers({ workers: 1 });
    const training = trainUnigram(train, { vocabSize: 200, preTokenizer, countPieces });
    const error = await training.catch((thrown: unknown) => thrown);
    expect(HeddleError.is(error, 'tokenizer/unsupported') && error.details.given).toBe('Own');
  });
});
