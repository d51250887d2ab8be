import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { rngKey } from '@heddle/core';
import { macroF1, majorityBaseline } from '@heddle/eval';
import { describe, expect, it } from 'vitest';
import {
  crossValidate,
  finetuneClassifier,
  type LabelledText,
  stratifiedKFold,
} from '../src/index.js';
import { backend, bagOfTokens, byteTokenizer } from './parts.js';

const path = new URL(
  '../../../../shared/data/classification/sms_spam/train.tsv.gz',
  import.meta.url,
);
const present = existsSync(path);

function messages(): LabelledText[] {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').split('\n');
  return lines
    .filter((line) => line.includes('\t'))
    .map((line) => {
      const [label, text] = line.split('\t', 2);
      return { label, text };
    })
    .filter(({ text }) => text.length > 0);
}

describe.skipIf(!present)(
  `cross-validation on SMS spam${present ? '' : ' (skipped: ../shared/data is not there)'}`,
  () => {
    it('a bag of bytes beats the majority baseline, with the same messages on one side', async () => {
      const all = messages().slice(0, 1200);
      const labels = all.map(({ label }) => label);
      const folds = stratifiedKFold(labels, 3, { seed: 1, groups: all.map(({ text }) => text) });
      const model = bagOfTokens({ hiddenSize: 8 });
      const params = model.init(rngKey(0), backend);
      const { estimates } = await crossValidate({
        folds,
        fit: ({ train, test }) =>
          finetuneClassifier({
            backend,
            model,
            params,
            tokenizer: byteTokenizer(),
            examples: train.map((i) => all[i]),
            validation: test.map((i) => all[i]),
            lora: false,
            epochs: 8,
            rows: 32,
            lr: 0.05,
            maxLength: 200,
            metrics: [macroF1({ labels: ['ham', 'spam'] })],
          }),
        evaluate: ({ validation }) => ({
          accuracy: validation!.accuracy,
          macroF1: validation!.estimates['macro-f1'].value,
        }),
      });
      const { share } = majorityBaseline(labels);
      const { value, standardError } = estimates.accuracy;
      expect(value).toBeGreaterThan(0.95);
      expect(value - share).toBeGreaterThan(3 * standardError!);
      expect(estimates.macroF1.value).toBeGreaterThan(0.9);
    });
  },
);
