import { fold, type Params, rngKey } from '@heddle/core';
import { cpu } from '@heddle/cpu';
import { adamw, clipScale, globalNorm, keep, scope, scoped, valueAndGrad } from '@heddle/tensor';
import { afterAll, describe, expect, it } from 'vitest';
import { architectureFromConfig } from '../src/index.js';
import {
  evalContext,
  FAMILIES,
  goldenJson,
  idTensor,
  loadGolden,
  meanLoss,
  relativeError,
} from './golden.js';

const backend = cpu();
const context = evalContext(backend);
afterAll(() => backend[Symbol.asyncDispose]());

describe.each(FAMILIES)('%s against transformers', (family) => {
  it('logits within 1e-5', async () => {
    const { model, params, expected, reference } = await loadGolden(family, backend);
    const ids = idTensor(backend, reference.ids, reference.rows);
    const logits = model.apply(params, { ids }, context);
    expect(logits.shape).toEqual([reference.rows, reference.length, model.vocabSize]);
    expect(relativeError(await logits.read(), await expected.logits.read())).toBeLessThan(1e-5);
  });

  it.each([false, true])(
    'every gradient within 1e-5 (checkpointing: %s)',
    async (checkpointing) => {
      const { model: loaded, params, expected, reference } = await loadGolden(family, backend);
      const model = architectureFromConfig(loaded.config, { checkpointing });
      const train = { ...context, train: true };
      const { value, grads } = valueAndGrad((p) =>
        meanLoss(model, p, reference, reference.rows, train),
      )(params);
      const [loss] = await value.read();
      expect(Math.abs(loss / reference.loss - 1)).toBeLessThan(1e-5);
      expect(Object.keys(grads).sort()).toEqual(
        Object.keys(expected)
          .filter((name) => !name.endsWith('logits'))
          .sort(),
      );
      for (const [name, grad] of Object.entries(grads)) {
        const error = relativeError(await grad.read(), await expected[name].read());
        // A key's bias adds the same to all scores of a query: without rotation its gradient is 0 but for rounding.
        const isZero = name.endsWith('self.key.bias');
        if (isZero) expect(Math.max(...(await grad.read()).map(Math.abs)), name).toBeLessThan(1e-6);
        else expect(error, name).toBeLessThan(1e-5);
      }
    },
  );

  it('losses of ten AdamW steps within 1e-4', async () => {
    const { model, params, reference } = await loadGolden(family, backend);
    const optimizer = adamw({ beta1: 0.9, beta2: 0.95, weightDecay: 0.1 });
    const state = optimizer.init(params);
    const train = { ...context, train: true };
    for (const [index, step] of reference.steps.entries()) {
      const loss = scoped(() => {
        const { value, grads } = valueAndGrad((p) =>
          meanLoss(model, p, step, reference.rows, train),
        )(params);
        const scale = clipScale(globalNorm(grads), 1);
        optimizer.update(params, grads, state, { step: index + 1, lr: step.lr, scale });
        return value;
      });
      const [value] = await loss.read();
      expect(Math.abs(value - step.loss), `step ${index + 1}`).toBeLessThan(1e-4);
      loss.dispose();
    }
  });
});

describe('bert', () => {
  it('ignores padding that segments mark, as with transformers’ attention mask', async () => {
    const { model, params, expected, reference } = await loadGolden('bert', backend);
    const { rows, mask = [] } = reference;
    const input = {
      ids: idTensor(backend, reference.ids, rows),
      segments: idTensor(backend, mask, rows),
    };
    const logits = await model.apply(params, input, context).read();
    const golden = await expected.masked_logits.read();
    const unmasked = await expected.logits.read();
    let masked = 0;
    for (const [position, seen] of mask.entries()) {
      const row = [position * model.vocabSize, (position + 1) * model.vocabSize] as const;
      if (seen === 0) continue;
      expect(relativeError(logits.slice(...row), golden.slice(...row))).toBeLessThan(1e-5);
      if (relativeError(logits.slice(...row), unmasked.slice(...row)) > 1e-3) masked++;
    }
    expect(masked).toBeGreaterThan(10);
  });
});

describe.each(['gpt2', 'llama'])('%s', (family) => {
  it('computes packed documents as if each stood alone', async () => {
    const { model, params } = await loadGolden(family, backend);
    const [first, second] = [
      [5, 9, 11, 40],
      [8, 2, 60, 17, 33],
    ];
    const packed = model.apply(
      params,
      {
        ids: idTensor(backend, [...first, ...second], 1),
        segments: idTensor(backend, [0, 0, 0, 0, 1, 1, 1, 1, 1], 1),
        positions: idTensor(backend, [0, 1, 2, 3, 0, 1, 2, 3, 4], 1),
      },
      context,
    );
    const alone = await model.apply(params, { ids: idTensor(backend, second, 1) }, context).read();
    const joined = (await packed.read()).slice(first.length * model.vocabSize);
    expect(relativeError(joined, alone)).toBeLessThan(1e-6);
  });

  it('gives the same logits in pieces with a cache, also with segments and positions', async () => {
    const { model, params, reference } = await loadGolden(family, backend);
    const { rows, length } = reference;
    const at = (values: readonly number[], from: number, to: number) =>
      idTensor(
        backend,
        Array.from({ length: rows }, (_, r) =>
          values.slice(r * length + from, r * length + to),
        ).flat(),
        rows,
      );
    const offsets = Array.from({ length: rows * length }, (_, i) =>
      i % length < 5 ? i % length : (i % length) - 5,
    );
    const segments = Array.from({ length: rows * length }, (_, i) => (i % length < 5 ? 0 : 1));
    for (const packed of [false, true]) {
      const input = (from: number, to: number) => ({
        ids: at(reference.ids, from, to),
        ...(packed && { segments: at(segments, from, to), positions: at(offsets, from, to) }),
      });
      const whole = await model.apply(params, input(0, length), context).read();
      const cache = model.createCache!({ batch: rows, capacity: length + 3, backend });
      for (const [from, to] of [
        [0, 4],
        [4, 5],
        [5, 9],
        [9, 10],
        [10, length],
      ]) {
        const logits = await model.apply(params, { ...input(from, to), cache }, context).read();
        expect(cache.length).toBe(to);
        for (let r = 0; r < rows; r++) {
          const span = (to - from) * model.vocabSize;
          const expected = whole.slice(
            (r * length + from) * model.vocabSize,
            (r * length + to) * model.vocabSize,
          );
          expect(relativeError(logits.slice(r * span, (r + 1) * span), expected)).toBeLessThan(
            1e-5,
          );
        }
      }
      cache.dispose();
    }
  });
});

describe('dropout', () => {
  const configs = {
    gpt2: { model_type: 'gpt2', vocab_size: 31, n_positions: 8, n_embd: 16, n_layer: 2, n_head: 2 },
    llama: {
      ...{ model_type: 'llama', vocab_size: 31, max_position_embeddings: 8, hidden_size: 16 },
      ...{ num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2 },
      ...{ intermediate_size: 24, attention_dropout: 0.3 },
    },
    bert: {
      ...{ model_type: 'bert', vocab_size: 31, max_position_embeddings: 8, hidden_size: 16 },
      ...{ num_hidden_layers: 2, num_attention_heads: 2, intermediate_size: 24 },
    },
  };

  it.each(FAMILIES)(
    'of %s depends on the key alone, in training alone, checkpointed or not',
    async (family) => {
      const config = configs[family];
      const model = architectureFromConfig(config);
      const again = architectureFromConfig(config, { checkpointing: true });
      const params = model.init(rngKey(1), backend);
      const batch = { ids: [1, 2, 3, 4, 5, 6], targets: [2, 3, 4, 5, 6, 7] };
      const gradient = async (
        m: typeof model,
        seed: number,
        train: boolean,
      ): Promise<Float32Array> => {
        const ctx = { backend, train, key: rngKey(seed) };
        const { grads } = valueAndGrad((p) => meanLoss(m, p, batch, 1, ctx))(params);
        const parts = await Promise.all(Object.values(grads).map((g) => g.read()));
        return Float32Array.from(parts.flatMap((part) => [...part]));
      };
      const one = await gradient(model, 1, true);
      expect(await gradient(model, 1, true)).toEqual(one);
      expect(relativeError(await gradient(again, 1, true), one)).toBeLessThan(1e-6);
      expect(relativeError(await gradient(model, 2, true), one)).toBeGreaterThan(0.01);
      expect(relativeError(await gradient(model, 1, false), one)).toBeGreaterThan(0.01);
      expect(await gradient(model, 2, false)).toEqual(await gradient(model, 1, false));
    },
  );

  it.each(['llama', 'bert'] as const)(
    'of attention in %s is without effect at a vanishing rate',
    async (family) => {
      // The path with dropout is another one than the fused operation; both must agree.
      const key = family === 'llama' ? 'attention_dropout' : 'attention_probs_dropout_prob';
      const still = { ...configs[family], hidden_dropout_prob: 0, [key]: 0 };
      if (family === 'llama') Reflect.deleteProperty(still, 'hidden_dropout_prob');
      const plain = architectureFromConfig(still);
      const composed = architectureFromConfig({ ...still, [key]: 1e-9 });
      const params = plain.init(rngKey(1), backend);
      const input = {
        ids: idTensor(backend, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 2),
        segments: idTensor(backend, [0, 0, 1, 1, 1, 0, 1, 1, 1, 2], 2),
      };
      const ctx = { backend, train: true, key: rngKey(3) };
      const expected = await plain.apply(params, input, ctx).read();
      const found = await composed.apply(params, input, ctx).read();
      expect(relativeError(found, expected)).toBeLessThan(1e-5);
    },
  );
});

describe('initialisation', () => {
  interface Moments {
    readonly config: object;
    /** Mean and standard deviation of each parameter of a fresh model. */
    readonly moments: Readonly<Record<string, readonly [number, number]>>;
  }
  const golden = goldenJson<Record<string, Moments>>('initial.json');

  it.each(FAMILIES)(
    'of %s has the moments of transformers’, parameter by parameter',
    async (family) => {
      const { config, moments } = golden[family];
      const params = architectureFromConfig(config).init(rngKey(1), backend);
      expect(Object.keys(params).sort()).toEqual(Object.keys(moments).sort());
      for (const [name, [mean, deviation]] of Object.entries(moments)) {
        const values = await params[name].read();
        if (deviation === 0) expect(new Set(values), name).toEqual(new Set([mean]));
        // Both are samples of n numbers: their deviations differ by about 1 / sqrt(n).
        else
          expect(Math.abs(std(values) / deviation - 1), name).toBeLessThan(
            5 / Math.sqrt(values.length),
          );
      }
    },
  );

  const std = (values: ArrayLike<number>): number => {
    let squares = 0;
    for (let i = 0; i < values.length; i++) squares += values[i] ** 2;
    return Math.sqrt(squares / values.length);
  };
  const stdOf = async (params: Params, name: string): Promise<number> =>
    std(await params[name].read());

  it('is that of transformers: normal 0.02, smaller on the residual stream, zeros and ones', async () => {
    const gpt2 = architectureFromConfig({
      model_type: 'gpt2',
      vocab_size: 200,
      n_positions: 64,
      n_embd: 64,
      n_layer: 8,
      n_head: 2,
    });
    const params = gpt2.init(rngKey(1), backend);
    expect(Object.keys(params)).toEqual([...gpt2.parameters.keys()]);
    expect(Math.abs((await stdOf(params, 'transformer.wte.weight')) / 0.02 - 1)).toBeLessThan(0.03);
    expect(
      Math.abs((await stdOf(params, 'transformer.h.3.mlp.c_fc.weight')) / 0.02 - 1),
    ).toBeLessThan(0.03);
    expect(
      Math.abs((await stdOf(params, 'transformer.h.3.mlp.c_proj.weight')) / 0.005 - 1),
    ).toBeLessThan(0.03);
    expect(await params['transformer.h.3.attn.c_attn.bias'].read()).toEqual(new Float32Array(192));
    expect(await params['transformer.ln_f.weight'].read()).toEqual(new Float32Array(64).fill(1));
  });

  it('draws each parameter from a key of its name, so that depth changes none', async () => {
    const small = {
      model_type: 'llama',
      vocab_size: 31,
      hidden_size: 16,
      num_attention_heads: 2,
      intermediate_size: 24,
    };
    const name = 'model.layers.1.mlp.up_proj.weight';
    const two = architectureFromConfig({ ...small, num_hidden_layers: 2 }).init(rngKey(5), backend);
    const three = architectureFromConfig({ ...small, num_hidden_layers: 3 }).init(
      rngKey(5),
      backend,
    );
    expect(await two[name].read()).toEqual(await three[name].read());
    const other = architectureFromConfig({ ...small, num_hidden_layers: 2 }).init(
      fold(rngKey(5), 1),
      backend,
    );
    expect(await other[name].read()).not.toEqual(await two[name].read());
  });

  it('leaves the embedding of padding at zero in BERT', async () => {
    const bert = architectureFromConfig({
      ...{ model_type: 'bert', vocab_size: 31, hidden_size: 16, num_attention_heads: 2 },
      ...{ num_hidden_layers: 1, intermediate_size: 24, pad_token_id: 3 },
    });
    const table = await bert
      .init(rngKey(1), backend)
      ['bert.embeddings.word_embeddings.weight'].read();
    expect(table.slice(48, 64)).toEqual(new Float32Array(16));
    expect(std(table.slice(0, 48))).toBeGreaterThan(0.01);
  });
});

describe('memory', () => {
  it.each(FAMILIES)(
    'of a pass and its gradients in a scope is all given back (%s)',
    async (family) => {
      const { model, params, reference } = await loadGolden(family, backend);
      const before = backend.memory().live;
      for (let i = 0; i < 3; i++) {
        using step = scope();
        void step;
        valueAndGrad((p) =>
          meanLoss(model, p, reference, reference.rows, { ...context, train: true }),
        )(params);
      }
      await backend.sync();
      expect(backend.memory().live).toBe(before);
    },
  );

  it('peaks lower with checkpointing', async () => {
    const peak = async (checkpointing: boolean): Promise<number> => {
      const own = cpu();
      const config = { vocab_size: 31, n_positions: 64, n_embd: 32, n_layer: 6, n_head: 2 };
      const model = architectureFromConfig({ model_type: 'gpt2', ...config }, { checkpointing });
      const params = model.init(rngKey(1), own);
      const ids = Array.from({ length: 256 }, (_, i) => i % 31);
      scoped(() => {
        valueAndGrad((p) =>
          meanLoss(model, p, { ids, targets: ids }, 4, {
            backend: own,
            train: true,
            key: rngKey(1),
          }),
        )(Object.fromEntries(Object.entries(params).map(([name, p]) => [name, keep(p)])));
      });
      const { peak } = own.memory();
      await own[Symbol.asyncDispose]();
      return peak;
    };
    expect(await peak(true)).toBeLessThan(0.6 * (await peak(false)));
  });
});
