import { type LanguageModel, type Params, rngKey, type TypedArray } from '@heddle/core';
import { cpu } from '@heddle/cpu';
import { pretrain } from '@heddle/pretrain';
import { scoped, tensor } from '@heddle/tensor';
import { modelSuite } from '@heddle/testkit';
import { describe, expect, it } from 'vitest';
import { type TinyTransformerConfig, tinyTransformer } from '../src/index.js';

const config = { vocab_size: 17, context_length: 12, hidden_size: 16, layers: 2, heads: 2 };

/** A checkpoint in memory. */
interface Saved {
  readonly config: LanguageModel['config'];
  readonly weights: Record<
    string,
    { readonly shape: readonly number[]; readonly data: TypedArray }
  >;
}

async function save(model: LanguageModel, params: Params): Promise<Saved> {
  const weights: Saved['weights'] = {};
  for (const [name, { shape, read }] of Object.entries(params)) {
    weights[name] = { shape, data: await read.call(params[name]) };
  }
  return { config: JSON.parse(JSON.stringify(model.config)), weights };
}

modelSuite<Saved>({
  runner: { describe, it },
  create: () => tinyTransformer(config),
  backend: () => cpu(),
  tensor,
  scoped,
  save,
  load({ config: { model_type: _, ...sizes }, weights }, backend) {
    const params = Object.entries(weights).map(([name, { data, shape }]) => {
      return [name, tensor(backend, data, shape)] as const;
    });
    return {
      model: tinyTransformer(sizes as TinyTransformerConfig),
      params: Object.fromEntries(params),
    };
  },
});

it('learns a text by heart', async () => {
  await using backend = cpu();
  const text = Array.from('abcabdabeabf', (letter) => letter.charCodeAt(0) - 97);
  const batch = { rows: 1, length: 12, ids: Int32Array.from(text) };
  const { metrics } = await pretrain({
    backend,
    model: tinyTransformer(config),
    data: {
      name: 'one text',
      async *read() {
        for (let i = 0; ; i++) yield { value: batch, cursor: i };
      },
    },
    steps: 100,
    lr: 1e-2,
    seed: 1,
  });
  expect(metrics.train.loss).toBeLessThan(0.1); // at first about ln 17 = 2.8
});

it('starts from about as many nats as a guess costs', async () => {
  await using backend = cpu();
  const model = tinyTransformer(config);
  const logits = scoped(() =>
    model.apply(
      model.init(rngKey(1), backend),
      { ids: tensor(backend, Int32Array.of(1, 2, 3), [1, 3]) },
      { backend, train: false, key: rngKey(2) },
    ),
  );
  for (const x of await logits.read()) expect(Math.abs(x)).toBeLessThan(5);
});

it('refuses sizes that do not fit', () => {
  expect(() => tinyTransformer({ ...config, heads: 3 })).toThrow(/heads cannot be 3/);
  expect(() => tinyTransformer({ ...config, layers: 0 })).toThrow(/layers cannot be 0/);
});
