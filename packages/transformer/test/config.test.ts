import { rngKey, sizeOf } from '@heddle/core';
import { cpu } from '@heddle/cpu';
import { afterAll, describe, expect, it } from 'vitest';
import {
  architectureFromConfig,
  bert,
  type Gpt2Config,
  gpt2,
  type LlamaConfig,
  llama,
  tokenIds,
} from '../src/index.js';
import { inverseFrequencies } from '../src/rope.js';
import { evalContext, goldenJson, idTensor } from './golden.js';

const backend = cpu();
afterAll(() => backend[Symbol.asyncDispose]());

const tiny = {
  gpt2: { vocab_size: 31, n_positions: 8, n_embd: 16, n_layer: 1, n_head: 2 },
  llama: {
    ...{ vocab_size: 31, max_position_embeddings: 8, hidden_size: 16, intermediate_size: 24 },
    ...{ num_hidden_layers: 1, num_attention_heads: 4, num_key_value_heads: 2 },
  },
  bert: {
    ...{ vocab_size: 31, max_position_embeddings: 8, hidden_size: 16, intermediate_size: 24 },
    ...{ num_hidden_layers: 1, num_attention_heads: 2 },
  },
};

const refused = (key: string) =>
  expect.objectContaining({
    code: 'transformer/config',
    details: expect.objectContaining({ key }),
  });

/** config.json of well-known checkpoints, and how many parameters they have. */
const published = [
  [
    'gpt2',
    124_439_808,
    {
      ...{ activation_function: 'gelu_new', architectures: ['GPT2LMHeadModel'], attn_pdrop: 0.1 },
      ...{ bos_token_id: 50256, embd_pdrop: 0.1, eos_token_id: 50256, initializer_range: 0.02 },
      ...{ layer_norm_epsilon: 1e-5, model_type: 'gpt2', n_ctx: 1024, n_embd: 768, n_head: 12 },
      ...{ n_layer: 12, n_positions: 1024, resid_pdrop: 0.1, summary_activation: null },
      ...{ summary_first_dropout: 0.1, summary_proj_to_labels: true, summary_type: 'cls_index' },
      ...{ summary_use_proj: true, vocab_size: 50257 },
      task_specific_params: { 'text-generation': { do_sample: true, max_length: 50 } },
    },
  ],
  [
    'Llama-3.2-1B',
    1_235_814_400,
    {
      ...{ architectures: ['LlamaForCausalLM'], attention_bias: false, attention_dropout: 0 },
      ...{ bos_token_id: 128000, eos_token_id: 128001, head_dim: 64, hidden_act: 'silu' },
      ...{ hidden_size: 2048, initializer_range: 0.02, intermediate_size: 8192, mlp_bias: false },
      ...{ max_position_embeddings: 131072, model_type: 'llama', num_attention_heads: 32 },
      ...{ num_hidden_layers: 16, num_key_value_heads: 8, pretraining_tp: 1, rms_norm_eps: 1e-5 },
      rope_scaling: {
        ...{ factor: 32, high_freq_factor: 4, low_freq_factor: 1, rope_type: 'llama3' },
        original_max_position_embeddings: 8192,
      },
      ...{ rope_theta: 500000, tie_word_embeddings: true, torch_dtype: 'bfloat16' },
      ...{ transformers_version: '4.45.0.dev0', use_cache: true, vocab_size: 128256 },
    },
  ],
  [
    'bert-base-uncased',
    109_514_298,
    {
      ...{ architectures: ['BertForMaskedLM'], attention_probs_dropout_prob: 0.1 },
      ...{ gradient_checkpointing: false, hidden_act: 'gelu', hidden_dropout_prob: 0.1 },
      ...{ hidden_size: 768, initializer_range: 0.02, intermediate_size: 3072 },
      ...{ layer_norm_eps: 1e-12, max_position_embeddings: 512, model_type: 'bert' },
      ...{ num_attention_heads: 12, num_hidden_layers: 12, pad_token_id: 0, type_vocab_size: 2 },
      ...{ position_embedding_type: 'absolute', transformers_version: '4.6.0.dev0' },
      ...{ use_cache: true, vocab_size: 30522 },
    },
  ],
] as const;

describe('configuration', () => {
  it.each(published)('of %s as published makes a model of %i parameters', (_, count, config) => {
    const model = architectureFromConfig(config);
    expect([...model.parameters.values()].reduce((n, { shape }) => n + sizeOf(shape), 0)).toBe(
      count,
    );
    expect(model.config).toMatchObject(config);
  });

  it.each(['gpt2', 'llama', 'bert'])(
    'of %s as transformers writes it is kept as it is',
    (family) => {
      const config = goldenJson<Record<string, unknown>>(`${family}/config.json`);
      const model = architectureFromConfig(config);
      expect(model.config).toEqual({ ...model.config, ...config });
      expect(architectureFromConfig(model.config).config).toEqual(model.config);
    },
  );

  it('names what it defaults to, and no token ids of another vocabulary', () => {
    const { config } = gpt2(tiny.gpt2);
    expect(config).toMatchObject({
      model_type: 'gpt2',
      architectures: ['GPT2LMHeadModel'],
      n_inner: 64,
      activation_function: 'gelu_new',
      eos_token_id: null,
    });
    expect(llama(tiny.llama).config).toMatchObject({ head_dim: 4, rope_theta: 10000 });
  });

  it.each([
    [{ ...tiny.gpt2, n_embed: 32 }, 'n_embed', 'did you mean "n_embd"'],
    [{ ...tiny.gpt2, quantization_config: { bits: 4 } }, 'quantization_config', 'unknown'],
    [{ ...tiny.gpt2, n_head: 3 }, 'n_head', 'must divide'],
    [{ ...tiny.gpt2, n_layer: '12' }, 'n_layer', 'integer'],
    [{ ...tiny.gpt2, n_layer: 1e9 }, 'n_layer', 'from 1 to 1000'],
    [{ ...tiny.gpt2, vocab_size: 1e15 }, 'vocab_size', 'integer'],
    [{ ...tiny.gpt2, vocab_size: 0 }, 'vocab_size', 'integer'],
    [{ ...tiny.gpt2, n_positions: 1.5 }, 'n_positions', 'integer'],
    [{ ...tiny.gpt2, resid_pdrop: 1 }, 'resid_pdrop', 'number'],
    [{ ...tiny.gpt2, activation_function: 'mish' }, 'activation_function', 'one of gelu'],
    [
      { ...tiny.gpt2, scale_attn_by_inverse_layer_idx: true },
      'scale_attn_by_inverse_layer_idx',
      'false only',
    ],
    [{ ...tiny.gpt2, tie_word_embeddings: 'yes' }, 'tie_word_embeddings', 'true or false'],
    [{ ...tiny.gpt2, model_type: 'llama' }, 'model_type', '"gpt2"'],
  ])('of GPT-2 is refused: %j', (config, key, reason) => {
    expect(() => gpt2(config as Gpt2Config)).toThrow(refused(key));
    expect(() => gpt2(config as Gpt2Config)).toThrow(reason);
  });

  it.each([
    [{ num_key_value_heads: 3 }, 'num_key_value_heads'],
    [{ head_dim: 5 }, 'head_dim'],
    [{ hidden_act: 'gelu' }, 'hidden_act'],
    [{ sliding_window: 4096 }, 'sliding_window'],
    [{ rope_scaling: { rope_type: 'yarn', factor: 4 } }, 'rope_scaling'],
    [{ rope_scaling: { type: 'linear' } }, 'rope_scaling'],
    [{ rope_scaling: [1] }, 'rope_scaling'],
    [{ rope_parameters: { rope_theta: 0 } }, 'rope_parameters'],
    [{ rope_parameters: { rope_theta: 1e4, partial_rotary_factor: 0.5 } }, 'rope_parameters'],
    [{ rope_theta: 'big' }, 'rope_theta'],
  ])('of Llama is refused: %j', (part, key) => {
    expect(() => llama({ ...tiny.llama, ...part } as LlamaConfig)).toThrow(refused(key));
  });

  it.each([
    [{ tie_word_embeddings: false }, 'tie_word_embeddings'],
    [{ position_embedding_type: 'relative_key' }, 'position_embedding_type'],
    [{ is_decoder: true }, 'is_decoder'],
    [{ pad_token_id: 31 }, 'pad_token_id'],
  ])('of BERT is refused: %j', (part, key) => {
    expect(() => bert({ ...tiny.bert, ...part })).toThrow(refused(key));
  });

  it.each([
    [null],
    [[]],
    ['gpt2'],
    [{}],
    [{ model_type: 'mamba' }],
    [{ model_type: 'constructor' }],
  ])('of no known architecture is refused: %j', (config) => {
    expect(() => architectureFromConfig(config)).toThrow(refused('model_type'));
  });

  it('keeps what switches nothing on, and private keys', () => {
    const config = {
      ...tiny.gpt2,
      pruned_heads: {},
      torchscript: false,
      _name_or_path: 'x',
      sparse: null,
    };
    expect(gpt2(config).config).toMatchObject(config);
  });

  it('is found for an architecture of one’s own', () => {
    const model = architectureFromConfig(
      { model_type: 'mine', depth: 1 },
      { architectures: { mine: ({ depth }) => gpt2({ ...tiny.gpt2, n_layer: depth as number }) } },
    );
    expect(model.parameters.size).toBe(16);
  });

  it('decides on an output layer of its own', () => {
    expect(
      gpt2({ ...tiny.gpt2, tie_word_embeddings: false }).parameters.has('lm_head.weight'),
    ).toBe(true);
    expect(gpt2(tiny.gpt2).parameters.has('lm_head.weight')).toBe(false);
    expect(llama(tiny.llama).parameters.has('lm_head.weight')).toBe(true);
    expect(
      llama({ ...tiny.llama, tie_word_embeddings: true }).parameters.has('lm_head.weight'),
    ).toBe(false);
    const biased = llama({ ...tiny.llama, attention_bias: true, mlp_bias: true });
    expect(biased.parameters.size).toBe(llama(tiny.llama).parameters.size + 7);
  });
});

describe('rotary frequencies', () => {
  interface Case {
    readonly parameters: { readonly [key: string]: string | number };
    readonly headDim: number;
    readonly inverseFrequencies: readonly number[];
  }

  it.each(goldenJson<Case[]>('rope.json'))('as transformers with $parameters', (golden) => {
    const p = golden.parameters as Record<string, number>;
    const scaling = {
      type: p.rope_type as unknown as 'default',
      factor: p.factor,
      lowFrequencyFactor: p.low_freq_factor,
      highFrequencyFactor: p.high_freq_factor,
      originalContext: p.original_max_position_embeddings,
    };
    const found = inverseFrequencies({ theta: p.rope_theta, scaling }, golden.headDim);
    for (const [i, expected] of golden.inverseFrequencies.entries())
      expect(Math.abs(found[i] / expected - 1)).toBeLessThan(1e-6);
  });

  it('are read alike from the keys of transformers 4 and 5', async () => {
    const scaling = {
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 4,
    };
    const old = llama({
      ...tiny.llama,
      rope_theta: 5000,
      rope_scaling: { rope_type: 'llama3', ...scaling },
    });
    const parameters = { rope_type: 'llama3', rope_theta: 5000, ...scaling };
    const now = llama({ ...tiny.llama, rope_parameters: parameters });
    const plain = llama({ ...tiny.llama, rope_theta: 5000 });
    const params = old.init(rngKey(1), backend);
    const input = { ids: idTensor(backend, [1, 2, 3, 4], 1) };
    const [a, b, c] = await Promise.all(
      [old, now, plain].map((model) => model.apply(params, input, evalContext(backend)).read()),
    );
    expect(b).toEqual(a);
    expect(c).not.toEqual(a);
  });
});

describe('input', () => {
  const model = gpt2(tiny.gpt2);
  const params = model.init(rngKey(1), backend);
  const context = evalContext(backend);
  const nine = Array.from({ length: 9 }, () => 1);

  it('beyond the context is refused', () => {
    expect(() => model.apply(params, { ids: idTensor(backend, nine, 1) }, context)).toThrow(
      expect.objectContaining({
        code: 'transformer/context-length',
        details: { asked: 9, limit: 8 },
      }),
    );
    const cache = model.createCache!({ batch: 1, capacity: 4, backend });
    const three = { ids: idTensor(backend, [1, 2, 3], 1), cache };
    model.apply(params, three, context);
    expect(() => model.apply(params, three, context)).toThrow(
      expect.objectContaining({
        code: 'transformer/context-length',
        details: { asked: 6, limit: 4 },
      }),
    );
    expect(cache.length).toBe(3);
    cache.dispose();
  });

  it('of ids outside the vocabulary is refused', () => {
    for (const id of [31, -1]) {
      const ids = idTensor(backend, [1, id], 1);
      expect(() => model.apply(params, { ids }, context)).toThrow(
        expect.objectContaining({ name: 'HeddleError' }),
      );
      expect(() => tokenIds(backend, [[1, id]], 31)).toThrow(
        expect.objectContaining({
          code: 'transformer/token-id',
          details: { id, index: 1, vocabSize: 31 },
        }),
      );
    }
    expect(() => tokenIds(backend, [[1, 2], [3]], 31)).toThrow('one length');
    expect(() => tokenIds(backend, [], 31)).toThrow('one length');
  });

  it('of wrong shapes, foreign caches and missing weights is refused', () => {
    const ids = idTensor(backend, [1, 2, 3, 4], 2);
    const invalid = expect.objectContaining({ code: 'invalid-argument' });
    const flat = idTensor(backend, [1, 2, 3, 4], 4);
    expect(() => model.apply(params, { ids, segments: flat }, context)).toThrow(invalid);
    expect(() => model.apply(params, { ids, positions: flat }, context)).toThrow(invalid);
    expect(() => model.apply(params, { ids: params['transformer.wte.weight'] }, context)).toThrow(
      invalid,
    );
    const cache = model.createCache!({ batch: 1, capacity: 4, backend });
    expect(() => model.apply(params, { ids, cache }, context)).toThrow('1 rows');
    const foreign = { length: 0, capacity: 9, dispose: () => undefined };
    expect(() => model.apply(params, { ids, cache: foreign }, context)).toThrow(invalid);
    const one = idTensor(backend, [1], 1);
    expect(() => model.apply(params, { ids: one, cache }, { ...context, train: true })).toThrow(
      'train: false',
    );
    model.apply(params, { ids: one, cache }, context);
    expect(() => model.apply(params, { ids: one, segments: one, cache }, context)).toThrow(
      'segments',
    );
    cache.dispose();
    expect(() => model.createCache!({ batch: 0, capacity: 4, backend })).toThrow(invalid);
    const { 'transformer.h.0.ln_1.bias': _, ...rest } = params;
    expect(() => model.apply(rest, { ids }, context)).toThrow('transformer.h.0.ln_1.bias');
  });
});
