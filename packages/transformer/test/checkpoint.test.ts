import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Params, rngKey, type Shape, sizeOf, type Tensor, type Tokenizer } from '@heddle/core';
import { cpu } from '@heddle/cpu';
import { zeros } from '@heddle/tensor';
import {
  loadSafetensors,
  readSafetensorsHeader,
  saveSafetensors,
} from '@heddle/tensor/safetensors';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { gpt2, llama, loadModel, saveModel } from '../src/index.js';
import { evalContext, FAMILIES, goldenPath, idTensor, loadGolden } from './golden.js';

const backend = cpu();
const context = evalContext(backend);
const root = await mkdtemp(join(tmpdir(), 'heddle-transformer-'));
afterAll(async () => {
  await backend[Symbol.asyncDispose]();
  await rm(root, { recursive: true });
});

let folder = '';
let count = 0;
beforeEach(async () => {
  folder = join(root, String(count++));
  await mkdir(folder);
});

/** A copy of a golden folder whose tensors went through `change`. */
async function changed(
  family: string,
  change: (params: Record<string, unknown>) => void,
): Promise<void> {
  await copyFile(join(goldenPath(family), 'config.json'), join(folder, 'config.json'));
  const params = {
    ...(await loadSafetensors(join(goldenPath(family), 'model.safetensors'), backend)),
  };
  change(params);
  await saveSafetensors(join(folder, 'model.safetensors'), params);
}

async function logitsOf(path: string): Promise<unknown> {
  const { model, params } = await loadModel(path, backend);
  return model.apply(params, { ids: idTensor(backend, [1, 2, 3, 4], 1) }, context).read();
}

const wrong = (details: object) =>
  expect.objectContaining({
    code: 'transformer/parameters',
    details: expect.objectContaining(details),
  });

describe.each(FAMILIES)('saveModel and loadModel of %s', (family) => {
  it('give back the same model, in the files of transformers', async () => {
    const { model, params } = await loadGolden(family, backend);
    await saveModel(folder, { model, params });
    const names = (await readdir(folder)).sort();
    expect(names).toEqual([
      'config.json',
      ...(family === 'bert' ? [] : ['generation_config.json']),
      'model.safetensors',
    ]);
    const { tensors, metadata } = await readSafetensorsHeader(join(folder, 'model.safetensors'));
    const golden = await readSafetensorsHeader(join(goldenPath(family), 'model.safetensors'));
    expect([...tensors.keys()].sort()).toEqual([...golden.tensors.keys()].sort());
    for (const [name, { shape }] of golden.tensors) expect(tensors.get(name)?.shape).toEqual(shape);
    expect(metadata).toEqual({ format: 'pt' });
    const again = await loadModel(folder, backend);
    expect(again.model.config).toEqual(model.config);
    for (const [name, param] of Object.entries(params))
      expect(await again.params[name].read(), name).toEqual(await param.read());
  });
});

describe('saveModel', () => {
  const model = gpt2({
    vocab_size: 9,
    n_positions: 4,
    n_embd: 4,
    n_layer: 1,
    n_head: 1,
    eos_token_id: 2,
  });
  const params = model.init(rngKey(1), backend);

  it('writes the tokenizer and the generation configuration', async () => {
    const tokenizer: Tokenizer = {
      vocabSize: 9,
      encode: () => ({ ids: new Int32Array() }),
      decode: () => '',
      idOf: () => undefined,
      tokenOf: () => undefined,
      toJSON: () => ({ version: '1.0' }),
    };
    await saveModel(folder, { model, params, tokenizer });
    const json = async (name: string): Promise<unknown> =>
      JSON.parse(await readFile(join(folder, name), 'utf8'));
    expect(await json('tokenizer.json')).toEqual({ version: '1.0' });
    expect(await json('tokenizer_config.json')).toMatchObject({ model_max_length: 4 });
    expect(await json('generation_config.json')).toMatchObject({ eos_token_id: 2 });
    await saveModel(folder, { model, params, generationConfig: { temperature: 0.5 } });
    expect((await loadModel(folder, backend)).generationConfig).toEqual({ temperature: 0.5 });
  });

  it('refuses parameters of another model, and writes nothing', async () => {
    const { 'transformer.wpe.weight': _, ...rest } = params;
    const other: Params = { ...rest, extra: params['transformer.ln_f.bias'] };
    await expect(saveModel(folder, { model, params: other })).rejects.toThrow(
      wrong({ missing: ['transformer.wpe.weight'], unexpected: ['extra'], path: undefined }),
    );
    const turned = { ...params, 'transformer.wpe.weight': zeros(backend, [4, 5]) };
    await expect(saveModel(folder, { model, params: turned })).rejects.toThrow(
      wrong({ mismatched: ['transformer.wpe.weight [4, 5] instead of [4, 4]'] }),
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it('says so where it cannot write', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(saveModel(join(file, 'model'), { model, params })).rejects.toThrow(
      expect.objectContaining({ code: 'io' }),
    );
  });
});

describe('loadModel', () => {
  it('takes GPT-2 without prefix, with the masks and the tied head that old files carry', async () => {
    await changed('gpt2', (params) => {
      for (const [name, param] of Object.entries(params)) {
        delete params[name];
        params[name.replace('transformer.', '')] = param;
      }
      params['h.0.attn.bias'] = zeros(backend, [1, 1, 24, 24]);
      params['h.1.attn.masked_bias'] = zeros(backend, []);
      params['lm_head.weight'] = params['wte.weight'];
    });
    expect(await logitsOf(folder)).toEqual(await logitsOf(goldenPath('gpt2')));
  });

  it('takes BERT with gamma and beta, a pooler and the other heads', async () => {
    await changed('bert', (params) => {
      for (const [name, param] of Object.entries(params)) {
        delete params[name];
        params[
          name
            .replace('LayerNorm.weight', 'LayerNorm.gamma')
            .replace('LayerNorm.bias', 'LayerNorm.beta')
        ] = param;
      }
      params['bert.pooler.dense.bias'] = zeros(backend, [32]);
      params['cls.seq_relationship.bias'] = zeros(backend, [2]);
      params['cls.predictions.decoder.bias'] = zeros(backend, [61]);
      params['bert.embeddings.position_ids'] = zeros(backend, [1, 24], 'i32');
    });
    expect(await logitsOf(folder)).toEqual(await logitsOf(goldenPath('bert')));
  });

  it('takes Llama without prefix, in bf16, with stored frequencies', async () => {
    const model = llama({
      ...{ vocab_size: 9, max_position_embeddings: 4, hidden_size: 4, intermediate_size: 8 },
      ...{ num_hidden_layers: 1, num_attention_heads: 2, tie_word_embeddings: true },
    });
    await writeFile(join(folder, 'config.json'), JSON.stringify(model.config));
    const bits = (shape: Shape) => new Uint16Array(sizeOf(shape)).fill(0x3fc0); // 1.5 in bf16
    const stored = (shape: Shape): Tensor => ({
      ...{ shape, dtype: 'bf16', backend, read: async () => bits(shape), dispose: () => undefined },
    });
    const tensors: Record<string, Tensor> = Object.fromEntries(
      Object.entries(model.init(rngKey(1), backend)).map(([name, { shape }]) => [
        name.replace('model.', ''),
        stored(shape),
      ]),
    );
    tensors['layers.0.self_attn.rotary_emb.inv_freq'] = zeros(backend, [1]);
    await saveSafetensors(join(folder, 'model.safetensors'), tensors);
    const { params } = await loadModel(folder, backend);
    expect(params['model.norm.weight'].dtype).toBe('f32');
    expect(await params['model.norm.weight'].read()).toEqual(new Float32Array(4).fill(1.5));
  });

  it('reads shards by their index', async () => {
    const params = await loadSafetensors(join(goldenPath('llama'), 'model.safetensors'), backend);
    const names = Object.keys(params);
    const weightMap: Record<string, string> = {};
    for (const shard of [0, 1, 2]) {
      const file = `model-0000${shard + 1}-of-00003.safetensors`;
      const own = names.filter((_, i) => i % 3 === shard);
      for (const name of own) weightMap[name] = file;
      await saveSafetensors(join(folder, file), Object.fromEntries(own.map((n) => [n, params[n]])));
    }
    await copyFile(join(goldenPath('llama'), 'config.json'), join(folder, 'config.json'));
    const index = (map: unknown) =>
      writeFile(
        join(folder, 'model.safetensors.index.json'),
        JSON.stringify({ metadata: {}, weight_map: map }),
      );
    await index(weightMap);
    expect(await logitsOf(folder)).toEqual(await logitsOf(goldenPath('llama')));

    const bad = expect.objectContaining({ code: 'bad-file' });
    for (const name of ['../escape.safetensors', '/etc/passwd', 'a/b.safetensors', 3, 'x.bin']) {
      await index({ ...weightMap, [names[0]]: name });
      await expect(loadModel(folder, backend)).rejects.toThrow(bad);
    }
    await index(3);
    await expect(loadModel(folder, backend)).rejects.toThrow(bad);
    await index({ ...weightMap, [names[0]]: 'absent.safetensors' });
    await expect(loadModel(folder, backend)).rejects.toThrow(
      expect.objectContaining({ code: 'io' }),
    );
  });

  it('names every tensor that does not fit, and leaves no memory behind', async () => {
    await changed('gpt2', (params) => {
      delete params['transformer.h.1.attn.c_proj.weight'];
      params['transformer.h.2.ln_1.weight'] = zeros(backend, [32]);
      params['transformer.wpe.weight'] = zeros(backend, [23, 32]);
      params['transformer.ln_f.bias'] = zeros(backend, [32], 'i32');
    });
    const before = backend.memory().live;
    await expect(loadModel(folder, backend)).rejects.toThrow(
      wrong({
        path: folder,
        missing: ['transformer.h.1.attn.c_proj.weight'],
        unexpected: ['transformer.h.2.ln_1.weight'],
        mismatched: [
          'transformer.ln_f.bias of dtype I32',
          'transformer.wpe.weight [23, 32] instead of [24, 32]',
        ],
      }),
    );
    expect(backend.memory().live).toBe(before);
  });

  it('refuses a configuration that lies about the weights', async () => {
    await changed('gpt2', () => undefined);
    const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
    const lie = (part: object) =>
      writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, ...part }));
    await lie({ n_layer: 3 });
    await expect(loadModel(folder, backend)).rejects.toThrow('transformer.h.2.ln_1.weight');
    await lie({ vocab_size: 16_000_000 });
    await expect(loadModel(folder, backend)).rejects.toThrow(
      'transformer.wte.weight [61, 32] instead of [16000000, 32]',
    );
    await lie({ n_layer: 1 });
    await expect(loadModel(folder, backend)).rejects.toThrow('Unexpected: transformer.h.1');
  });

  it('refuses a tensor that is there under two names', async () => {
    await changed('gpt2', (params) => {
      params['wpe.weight'] = params['transformer.wpe.weight'];
    });
    await expect(loadModel(folder, backend)).rejects.toThrow('the same parameter');
  });

  it.each([
    ['no files', []],
    ['a truncated configuration', [['config.json', '{"model_type": "gp']]],
    ['a configuration that is a list', [['config.json', '[]']]],
    ['no weights', [['config.json', '{"model_type": "gpt2"}']]],
    [
      'pickled weights',
      [
        ['config.json', '{"model_type": "gpt2"}'],
        ['pytorch_model.bin', ''],
      ],
    ],
    [
      'broken weights',
      [
        ['config.json', '{"model_type": "gpt2"}'],
        ['model.safetensors', 'zzzzzzzzzzzzzzzz'],
      ],
    ],
  ])('refuses a folder with %s', async (_, files) => {
    for (const [name, text] of files) await writeFile(join(folder, name), text);
    await expect(loadModel(folder, backend)).rejects.toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(bad-file|transformer\/config)$/) }),
    );
  });

  it('refuses truncated weights', async () => {
    await changed('gpt2', () => undefined);
    const bytes = await readFile(join(folder, 'model.safetensors'));
    await writeFile(join(folder, 'model.safetensors'), bytes.subarray(0, bytes.length - 100));
    const before = backend.memory().live;
    await expect(loadModel(folder, backend)).rejects.toThrow(
      expect.objectContaining({ code: 'bad-file' }),
    );
    expect(backend.memory().live).toBe(before);
  });
});
