import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rngKey } from '@heddle/core';
import { mul, valueAndGrad } from '@heddle/tensor';
import { architectureFromConfig, bert, gpt2, llama } from '@heddle/transformer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  balancedWeights,
  type Classifier,
  classification,
  classificationBatch,
  classifier,
  loadClassifier,
  lora,
  predict,
  saveClassifier,
} from '../src/index.js';
import {
  backend,
  bagOfTokens,
  byteTokenizer,
  codeOf,
  context,
  expectClose,
  golden,
  goldenFolder,
} from './parts.js';

const architecture = architectureFromConfig;
const labels = ['a', 'b', 'c'];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'classifier-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('transformers: GPT2ForSequenceClassification on a padded batch', () => {
  const g = golden.classifier;
  const batch = classificationBatch(
    g.texts.map((ids) => Int32Array.from(ids)),
    Int32Array.from(g.targets),
  );
  const load = () => loadClassifier(goldenFolder('gpt2-classifier'), backend, { architecture });

  it('loads with its labels and gives the same logits', async () => {
    const { classifier, params } = await load();
    expect(classifier.labels).toEqual(['changelog', 'licence', 'readme']);
    expect(classifier.pooling).toBe('last');
    await expectClose(classifier.apply(params, batch, context), g.logits);
  });

  it('has the same weighted loss and gradients', async () => {
    const { classifier, params } = await load();
    const objective = classification(classifier, { classWeights: g.classWeights });
    let count = 0;
    const { value, grads } = valueAndGrad((p) => {
      const loss = objective.loss(p, batch, context);
      count = loss.count;
      return mul(loss.sum, 1 / loss.count);
    })(params);
    expect(count).toBe(7);
    await expectClose(value, [g.loss]);
    await expectClose(grads['score.weight'], g.scoreGrad);
    await expectClose(grads['transformer.h.0.attn.c_attn.weight'], g.attentionGrad, 5e-5);
  });

  it('is saved so that it loads back the same', async () => {
    const loaded = await load();
    const directory = join(folder, 'saved');
    await saveClassifier(directory, { ...loaded, tokenizer: byteTokenizer() });
    const config = JSON.parse(await readFile(join(directory, 'config.json'), 'utf8'));
    expect(config).toMatchObject({
      architectures: ['GPT2ForSequenceClassification'],
      id2label: { 0: 'changelog', 1: 'licence', 2: 'readme' },
      label2id: { changelog: 0, licence: 1, readme: 2 },
      pad_token_id: 23,
    });
    expect(JSON.parse(await readFile(join(directory, 'tokenizer.json'), 'utf8'))).toEqual({
      kind: 'bytes',
    });
    const again = await loadClassifier(directory, backend, { architecture });
    await expectClose(again.classifier.apply(again.params, batch, context), g.logits);
  });

  it.each([
    ['no labels', { id2label: undefined }],
    ['labels with a gap', { id2label: { 0: 'a', 2: 'b' } }],
    ['labels that are no strings', { id2label: { 0: 'a', 1: 7 } }],
    ['more labels than the head has', { id2label: { 0: 'a', 1: 'b', 2: 'c', 3: 'd' } }],
    ['an unknown pooling', { _classifier_pooling: 'max' }],
  ])('refuses a folder with %s', async (_, changes) => {
    const directory = join(folder, 'bad');
    const loaded = await load();
    await saveClassifier(directory, loaded);
    const path = join(directory, 'config.json');
    const config = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...config, ...changes }));
    await expect(loadClassifier(directory, backend, { architecture })).rejects.toMatchObject({
      code: 'bad-file',
    });
  });

  it('refuses files that are no JSON object', async () => {
    const directory = join(folder, 'bad');
    for (const text of ['{', '[]', 'null']) {
      await writeFile(join(directory, 'config.json'), text);
      await expect(loadClassifier(directory, backend, { architecture })).rejects.toMatchObject({
        code: 'bad-file',
      });
    }
  });
});

const sizes = { vocab_size: 257, hidden_size: 16, intermediate_size: 24, num_hidden_layers: 2 };
const models = {
  gpt2: gpt2({ vocab_size: 257, n_positions: 32, n_embd: 16, n_layer: 2, n_head: 2 }),
  llama: llama({
    ...sizes,
    max_position_embeddings: 32,
    num_attention_heads: 2,
    num_key_value_heads: 1,
  }),
  bert: bert({ ...sizes, max_position_embeddings: 32, num_attention_heads: 2 }),
};
const cases: [string, Classifier][] = Object.entries(models).flatMap(([name, model]) =>
  (['last', 'mean', ...(model.causal ? [] : (['first'] as const))] as const).map(
    (pooling): [string, Classifier] => [
      `${name}, ${pooling}`,
      classifier(model, { labels, pooling, dropout: 0.5 }),
    ],
  ),
);

describe.each(cases)('%s', (_, ours) => {
  const params = ours.init(rngKey(4), backend);
  const texts = ['a', 'padded in a batch', 'of texts', 'that differ in length'].map(
    (text) => byteTokenizer().encode(text).ids,
  );

  it('gives a text the same logits alone, padded, and in any order', async () => {
    const together = await ours.apply(params, classificationBatch(texts), context).read();
    const reversed = await ours
      .apply(params, classificationBatch([...texts].reverse()), context)
      .read();
    for (const [row, text] of texts.entries()) {
      const alone = await ours.apply(params, classificationBatch([text]), context).read();
      await expectClose(together.slice(3 * row, 3 * row + 3), alone);
      const mirrored = 3 * (texts.length - 1 - row);
      await expectClose(reversed.slice(mirrored, mirrored + 3), alone);
    }
  });

  it('drops features in training only, by the key', async () => {
    const batch = classificationBatch(texts);
    const at = (train: boolean, seed: number): Promise<ArrayLike<number>> =>
      ours.apply(params, batch, { backend, train, key: rngKey(seed) }).read();
    expect(await at(false, 1)).toEqual(await at(false, 2));
    expect(await at(true, 1)).toEqual(await at(true, 1));
    expect(await at(true, 1)).not.toEqual(await at(true, 2));
  });
});

describe('predict', () => {
  const ours = classifier(models.gpt2, { labels });
  const params = ours.init(rngKey(4), backend);
  const tokenizer = byteTokenizer();
  const texts = ['bb', 'a longer text than the others', 'c', 'dd dd'];

  it('answers in the order of the texts, whatever the number of rows', async () => {
    const all = await predict({ classifier: ours, params, backend, tokenizer, texts });
    const single = await predict({ classifier: ours, params, backend, tokenizer, texts, rows: 1 });
    for (const [i, text] of texts.entries()) {
      const batch = classificationBatch([tokenizer.encode(text).ids]);
      const logits = Array.from(await ours.apply(params, batch, context).read());
      expect(all[i].label).toBe(labels[logits.indexOf(Math.max(...logits))]);
      const exps = logits.map(Math.exp);
      const total = exps.reduce((a, b) => a + b, 0);
      await expectClose(
        all[i].probabilities,
        exps.map((e) => e / total),
      );
      await expectClose(single[i].probabilities, Array.from(all[i].probabilities));
    }
  });

  it('reads the beginning of a text that is too long', async () => {
    const long = 'x'.repeat(20) + 'y'.repeat(80);
    const [cut, whole] = await Promise.all(
      [long, long.slice(0, 32)].map((text) =>
        predict({ classifier: ours, params, backend, tokenizer, texts: [text] }),
      ),
    );
    expect(cut).toEqual(whole);
  });

  it('leaves no memory behind', async () => {
    const before = backend.memory().live;
    await predict({ classifier: ours, params, backend, tokenizer, texts });
    expect(backend.memory().live).toBe(before);
  });

  it('refuses a text without tokens, naming it', async () => {
    const run = predict({ classifier: ours, params, backend, tokenizer, texts: ['a', ''] });
    await expect(run).rejects.toMatchObject({ code: 'finetune/empty-text', details: { index: 1 } });
    expect(await predict({ classifier: ours, params, backend, tokenizer, texts: [] })).toEqual([]);
  });
});

describe('balancedWeights', () => {
  it("is scikit-learn's n / (labels * count)", () => {
    const examples = ['a', 'a', 'a', 'b'].map((label) => ({ label }));
    expect(balancedWeights(examples, ['a', 'b'])).toEqual([4 / 6, 4 / 2]);
    expect(codeOf(() => balancedWeights(examples, labels))).toBe('finetune/missing-label');
  });
});

describe('bad input', () => {
  const model = bagOfTokens();
  const batch = classificationBatch([Int32Array.of(1)], Int32Array.of(0));

  it('is refused with its code', () => {
    expect(codeOf(() => classifier(model, { labels: ['a'] }))).toBe('finetune/missing-label');
    expect(codeOf(() => classifier(model, { labels: ['a', 'a'] }))).toBe('invalid-argument');
    expect(codeOf(() => classifier(model, { labels, dropout: 1 }))).toBe('invalid-argument');
    expect(codeOf(() => classifier(models.gpt2, { labels, pooling: 'first' }))).toBe(
      'invalid-argument',
    );
    const ours = classifier(model, { labels });
    expect(codeOf(() => classification(ours, { classWeights: [1] }))).toBe('invalid-argument');
    expect(codeOf(() => classification(ours, { classWeights: [1, 0, 1] }))).toBe(
      'invalid-argument',
    );
    const base = model.init(rngKey(0), backend);
    expect(codeOf(() => ours.apply(base, batch, context))).toBe('finetune/missing-parameter');
    const { targets: _, ...unlabelled } = batch;
    expect(codeOf(() => classification(ours).loss(base, unlabelled, context))).toBe(
      'invalid-argument',
    );
  });

  it('adapters are not saved as a classifier', async () => {
    const adapted = lora(models.gpt2, { rank: 1, targets: ['c_attn'] });
    const ours = classifier(adapted, { labels });
    const params = ours.init(rngKey(0), backend);
    await expect(saveClassifier(folder, { classifier: ours, params })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
  });
});
