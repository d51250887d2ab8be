import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fold, type LanguageModel, type Params, rngKey, type Tensor } from '@heddle/core';
import {
  crossEntropy,
  linear,
  mul,
  reshape,
  scoped,
  slice,
  sum,
  tensor,
  valueAndGrad,
} from '@heddle/tensor';
import { readSafetensorsHeader } from '@heddle/tensor/safetensors';
import { bert, gpt2, llama, loadModel } from '@heddle/transformer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  adaptersOf,
  isAdapter,
  linearTargets,
  loadAdapters,
  loadClassifier,
  lora,
  mergeLora,
  saveAdapters,
} from '../src/index.js';
import { backend, codeOf, context, expectClose, golden, goldenFolder, readAll } from './parts.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lora-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** One linear layer over rows that are given as constants. */
function oneLayer(
  rows: Tensor,
  layout: 'in-out' | 'out-in',
  sizes: readonly number[],
): LanguageModel {
  const apply: LanguageModel['apply'] = (params) =>
    linear(rows, params['proj.weight'], { transposeWeight: layout === 'out-in' });
  return {
    config: {},
    vocabSize: sizes[1],
    hiddenSize: sizes[1],
    contextLength: 8,
    causal: true,
    init: () => ({}),
    apply,
    hidden: apply,
    logits: (_, x) => x,
  };
}

describe.each(golden.linear)('torch: one linear layer, $layout', (g) => {
  const [inputs, outputs] = g.shape;
  const of = (data: number[], shape: number[]): Tensor =>
    tensor(backend, Float32Array.from(data), shape);
  const model = lora(oneLayer(of(g.x, [4, inputs]), g.layout, g.shape), {
    rank: g.rank,
    alpha: g.alpha,
    targets: ['proj'],
    layout: g.layout,
  });
  const base = { 'proj.weight': of(g.w, g.layout === 'in-out' ? g.shape : [outputs, inputs]) };
  const adapters = {
    'proj.lora_A.weight': of(g.a, [g.rank, inputs]),
    'proj.lora_B.weight': of(g.b, [outputs, g.rank]),
  };
  const input = { ids: tensor(backend, Int32Array.of(0), [1, 1], 'i32') };

  it('has the same output', async () => {
    await expectClose(model.apply({ ...base, ...adapters }, input, context), g.y);
  });

  it('has the same gradients', async () => {
    const c = of(g.c, [4, outputs]);
    const { grads } = valueAndGrad((p) =>
      sum(mul(model.apply({ ...base, ...p }, input, context), c)),
    )(adapters);
    await expectClose(grads['proj.lora_A.weight'], g.gradA);
    await expectClose(grads['proj.lora_B.weight'], g.gradB);
  });

  it('merges to the same output', async () => {
    const merged = mergeLora(model, { ...base, ...adapters });
    expect(Object.keys(merged)).toEqual(['proj.weight']);
    await expectClose(model.base.apply(merged, input, context), g.y);
  });
});

describe.each([['gpt2', golden.gpt2] as const, ['llama', golden.llama] as const])(
  'PEFT: an adapter of a small %s',
  (name, g) => {
    const load = async () => {
      const { model, params } =
        name === 'gpt2' ? await gpt2Base() : await loadModel(goldenFolder(name), backend);
      const adapters = await loadAdapters(goldenFolder(`${name}-adapter`), backend);
      return {
        adapters,
        base: params,
        model: lora(model, adapters),
        params: { ...params, ...adapters.params },
      };
    };
    const gpt2Base = async (): Promise<{ model: LanguageModel; params: Params }> => {
      const { classifier, params } = await loadClassifier(
        goldenFolder('gpt2-classifier'),
        backend,
        {
          architecture: (config) => gpt2(config),
        },
      );
      const { 'score.weight': _, ...rest } = params;
      return { model: classifier.model, params: rest };
    };
    const ids = tensor(backend, Int32Array.from(g.ids.flat()), [2, 7], 'i32');

    it('gives the same logits, merged or not', async () => {
      const { model, params } = await load();
      await expectClose(model.apply(params, { ids }, context), g.logits);
      const viaHidden = model.logits(params, model.hidden(params, { ids }, context));
      await expectClose(viaHidden, g.logits);
      await expectClose(
        model.base.apply(mergeLora(model, params), { ids }, context),
        g.mergedLogits,
      );
    });

    it('gives the same gradients of the next-token loss, and only for the adapters', async () => {
      const { model, base, adapters } = await load();
      const targets = tensor(
        backend,
        Int32Array.from(g.ids.flatMap((row) => row.slice(1))),
        [12],
        'i32',
      );
      const { value, grads } = valueAndGrad((p) => {
        const logits = model.apply({ ...base, ...p }, { ids }, context);
        const before = reshape(slice(logits, [0, 0, 0], [2, 6, 24]), [12, 24]);
        return mul(sum(crossEntropy(before, targets)), 1 / 12);
      })(adapters.params);
      await expectClose(value, [g.loss]);
      expect(Object.keys(grads).sort()).toEqual(Object.keys(g.grads).sort());
      for (const [parameter, expected] of Object.entries(g.grads)) {
        await expectClose(grads[parameter], expected, 5e-5);
      }
    });

    it('is saved under the names and shapes that PEFT gave it, and loads back', async () => {
      const { model, params, adapters } = await load();
      const directory = join(folder, name);
      await saveAdapters(directory, { model, params });
      const path = 'adapter_model.safetensors';
      const ours = await readSafetensorsHeader(join(directory, path));
      const theirs = await readSafetensorsHeader(join(goldenFolder(`${name}-adapter`), path));
      const shapes = (header: typeof ours): string[] =>
        [...header.tensors].map(([key, info]) => `${key} [${info.shape}]`).sort();
      expect(shapes(ours)).toEqual(shapes(theirs));
      const again = await loadAdapters(directory, backend);
      expect({ ...again, params: await readAll(again.params) }).toEqual({
        ...adapters,
        params: await readAll(adapters.params),
      });
    });
  },
);

const small = {
  gpt2: gpt2({ vocab_size: 30, n_positions: 16, n_embd: 16, n_layer: 2, n_head: 2 }),
  llama: llama({
    vocab_size: 30,
    max_position_embeddings: 16,
    hidden_size: 16,
    intermediate_size: 24,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
  }),
  bert: bert({
    vocab_size: 30,
    max_position_embeddings: 16,
    hidden_size: 16,
    intermediate_size: 24,
    num_hidden_layers: 2,
    num_attention_heads: 2,
  }),
};

describe.each(Object.entries(small))('%s, all linear layers', (_, base) => {
  const model = lora(base, { rank: 4, targets: linearTargets(base.config) });
  const ids = tensor(
    backend,
    Int32Array.from({ length: 20 }, (_, i) => (i * 7) % 30),
    [2, 10],
    'i32',
  );

  it('is the base model until it trains, bit for bit', async () => {
    const params = model.init(rngKey(1), backend);
    const plain = Object.fromEntries(Object.entries(params).filter(([name]) => !isAdapter(name)));
    const [ours, theirs] = [
      await model.apply(params, { ids }, context).read(),
      await base.apply(plain, { ids }, context).read(),
    ];
    expect(ours).toEqual(theirs);
  });

  it('adapts every matrix in the blocks, and no other', () => {
    const params = base.init(rngKey(1), backend);
    const adapted = Object.keys(model.initAdapters(params, rngKey(2)))
      .filter((name) => name.endsWith('.lora_A.weight'))
      .map((name) => name.replace('.lora_A', ''));
    const matrices = Object.keys(params).filter(
      (name) => /\.\d+\./.test(name) && params[name].shape.length === 2,
    );
    expect(adapted.sort()).toEqual(matrices.sort());
  });

  it('merged equals unmerged after the adapters moved', async () => {
    const params = model.init(rngKey(1), backend);
    const moved = Object.fromEntries(
      Object.entries(params).map(([name, t]) => [name, isAdapter(name) ? noise(name, t) : t]),
    );
    const unmerged = await model.apply(moved, { ids }, context).read();
    await expectClose(base.apply(mergeLora(model, moved), { ids }, context), unmerged);
    const before = await base.apply(params, { ids }, context).read();
    expect(Math.max(...before.map((v, i) => Math.abs(v - unmerged[i])))).toBeGreaterThan(1e-3);
  });

  it('frees what a pass makes', async () => {
    const params = model.init(rngKey(1), backend);
    const pass = (): void => scoped(() => void model.apply(params, { ids }, context));
    pass();
    const { live } = backend.memory();
    for (let i = 0; i < 5; i++) pass();
    expect(backend.memory().live).toBe(live);
  });
});

function noise(name: string, t: Tensor): Tensor {
  const [a] = fold(rngKey(9), name);
  const values = Float32Array.from(
    { length: t.shape[0] * t.shape[1] },
    (_, i) => Math.sin(a + i) / 5,
  );
  return tensor(backend, values, t.shape);
}

it('gives the same gradients with activation checkpointing', async () => {
  const config = { vocab_size: 30, n_positions: 16, n_embd: 16, n_layer: 2, n_head: 2 };
  const ids = tensor(backend, Int32Array.of(3, 1, 4, 1, 5, 9), [1, 6], 'i32');
  const targets = tensor(backend, Int32Array.of(1, 4, 1, 5, 9, 2), [1, 6], 'i32');
  const [kept, again] = [false, true].map((checkpointing) => {
    const model = lora(gpt2(config, { checkpointing }), { rank: 2, targets: ['c_attn', 'c_proj'] });
    const params = model.init(rngKey(1), backend);
    return valueAndGrad((p) => {
      const training = { ...context, train: true };
      return sum(crossEntropy(model.apply({ ...params, ...p }, { ids }, training), targets));
    })(adaptersOf(params)).grads;
  });
  expect(Object.keys(kept)).toHaveLength(2 * 3 * 2);
  for (const [name, grad] of Object.entries(kept)) {
    await expectClose(again[name], await grad.read());
  }
});

describe('targets and bad input', () => {
  const model = small.gpt2;
  const params = model.init(rngKey(0), backend);

  it('takes ends of module names, whole names, or a filter', () => {
    const adapted = (targets: readonly string[] | ((name: string) => boolean)): string[] =>
      Object.keys(lora(model, { rank: 2, targets }).initAdapters(params, rngKey(0)));
    expect(adapted(['mlp.c_proj'])).toHaveLength(4);
    expect(adapted(['c_proj'])).toHaveLength(8);
    expect(adapted(['transformer.h.1.mlp.c_proj'])).toEqual([
      'transformer.h.1.mlp.c_proj.lora_A.weight',
      'transformer.h.1.mlp.c_proj.lora_B.weight',
    ]);
    expect(adapted((name) => name === 'transformer.wte.weight')).toHaveLength(2);
  });

  it('shapes adapters by the layout', () => {
    const {
      'transformer.h.0.attn.c_attn.lora_A.weight': a,
      'transformer.h.0.attn.c_attn.lora_B.weight': b,
    } = lora(model, { rank: 2, targets: ['c_attn'] }).initAdapters(params, rngKey(0));
    expect([a.shape, b.shape]).toEqual([
      [2, 16],
      [48, 2],
    ]);
  });

  it('adapters alone', () => {
    const adapted = lora(model, { rank: 2, targets: ['c_attn'] });
    const all = { ...params, ...adapted.initAdapters(params, rngKey(0)) };
    expect(Object.keys(adaptersOf(all)).every(adapted.trainable)).toBe(true);
    expect(Object.keys(adaptersOf(all))).toHaveLength(4);
  });

  it.each([
    ['a rank of 0', () => lora(model, { rank: 0, targets: ['c_attn'] }), 'invalid-argument'],
    [
      'a negative alpha',
      () => lora(model, { rank: 1, alpha: -1, targets: ['c_attn'] }),
      'invalid-argument',
    ],
    [
      'a rank above the side',
      () => lora(model, { rank: 17, targets: ['c_attn'] }).initAdapters(params, rngKey(0)),
      'invalid-argument',
    ],
    [
      'targets of another model',
      () => lora(model, { rank: 1, targets: ['q_proj'] }).initAdapters(params, rngKey(0)),
      'finetune/no-target',
    ],
    [
      'one target of two',
      () => lora(model, { rank: 1, targets: ['c_attn', 'q_proj'] }).initAdapters(params, rngKey(0)),
      'finetune/no-target',
    ],
    [
      'no target',
      () => lora(model, { rank: 1, targets: [] }).initAdapters(params, rngKey(0)),
      'finetune/no-target',
    ],
    [
      'a vector',
      () => lora(model, { rank: 1, targets: ['ln_1'] }).initAdapters(params, rngKey(0)),
      'finetune/not-a-matrix',
    ],
    [
      'an unknown layout',
      () => lora({ ...model, config: {} }, { rank: 1, targets: ['c_attn'] }),
      'finetune/unknown-layout',
    ],
    ['unknown layers', () => linearTargets({ model_type: 'mamba' }), 'finetune/no-target'],
    [
      'an adapter without its weight',
      () =>
        mergeLora(
          lora(model, { rank: 2, targets: ['c_attn'] }),
          lora(model, { rank: 2, targets: ['c_attn'] }).initAdapters(params, rngKey(0)),
        ),
      'finetune/missing-parameter',
    ],
  ])('refuses %s', (_, act, code) => {
    expect(codeOf(act)).toBe(code);
  });

  it('refuses adapter folders that it does not understand', async () => {
    const { mkdir, readFile, writeFile, copyFile } = await import('node:fs/promises');
    const from = goldenFolder('llama-adapter');
    const config = JSON.parse(await readFile(join(from, 'adapter_config.json'), 'utf8'));
    const broken = async (changes: object): Promise<string> => {
      const directory = join(folder, 'broken');
      await mkdir(directory, { recursive: true });
      await writeFile(
        join(directory, 'adapter_config.json'),
        JSON.stringify({ ...config, ...changes }),
      );
      await copyFile(
        join(from, 'adapter_model.safetensors'),
        join(directory, 'adapter_model.safetensors'),
      );
      return directory;
    };
    for (const changes of [
      { use_dora: true },
      { use_rslora: true },
      { rank_pattern: { q_proj: 4 } },
      { bias: 'all' },
      { r: 3 },
      { r: 'two' },
      { lora_alpha: null },
      { peft_type: 'IA3' },
    ]) {
      await expect(loadAdapters(await broken(changes), backend)).rejects.toMatchObject({
        code: 'bad-file',
      });
    }
    await expect(loadAdapters(join(folder, 'none'), backend)).rejects.toMatchObject({ code: 'io' });
    const { live } = backend.memory();
    await expect(loadAdapters(await broken({ r: 3 }), backend)).rejects.toMatchObject({
      code: 'bad-file',
    });
    expect(backend.memory().live).toBe(live);
  });
});
