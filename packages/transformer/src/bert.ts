import type { Json, Params, Tensor, TokenInput } from '@heddle/core';
import { add, linear } from '@heddle/tensor';
import { attend, splitHeads } from './attention.js';
import { ConfigReader } from './config.js';
import { around, type Dense, dense, denseParameters, drop } from './dense.js';
import { lookUp, rowsOf } from './embedding.js';
import { languageModel, type Transformer, type TransformerOptions } from './language-model.js';
import { ACTIVATIONS, type Activation, activate, mlp } from './mlp.js';
import { norm, normParameters } from './norm.js';
import { type ParameterSpec, type ParameterSpecs, parameter } from './parameters.js';
import type { Pass } from './pass.js';

/** config.json of `model_type: "bert"`; other keys of such files are taken as the README says. */
export interface BertConfig {
  /** Default 30522. */
  readonly vocab_size?: number;
  /** Default 768. */
  readonly hidden_size?: number;
  /** Default 12. */
  readonly num_hidden_layers?: number;
  /** Default 12. */
  readonly num_attention_heads?: number;
  /** Width of the feed-forward layer. Default 3072. */
  readonly intermediate_size?: number;
  /** Default 'gelu'. */
  readonly hidden_act?: Activation;
  /** Dropout of embeddings and residuals, and of attention weights, in training. Default 0.1 each. */
  readonly hidden_dropout_prob?: number;
  readonly attention_probs_dropout_prob?: number;
  /** Longest context. Default 512. */
  readonly max_position_embeddings?: number;
  /** Rows of the token type table, of which type 0 is used. Default 2. */
  readonly type_vocab_size?: number;
  /** Default 1e-12. */
  readonly layer_norm_eps?: number;
  /** Standard deviation of fresh weights. Default 0.02. */
  readonly initializer_range?: number;
  /** Padding: its embedding begins at zero. */
  readonly pad_token_id?: number | null;
  readonly [key: string]: Json | undefined;
}

/**
 * BERT (Devlin et al. 2019) with its masked-language-model head: learned positions, bidirectional
 * attention, norm after attention and feed-forward, GELU. All tokens are of type 0. Padding is
 * told by `segments`.
 *
 * @throws `transformer/config` for an unknown key or a value out of bounds
 */
export function bert(config: BertConfig, options: TransformerOptions = {}): Transformer {
  const reader = new ConfigReader('bert', config);
  const s = readSizes(reader);
  return languageModel(
    {
      config: reader.finish('BertForMaskedLM'),
      vocabSize: s.vocabSize,
      contextLength: s.contextLength,
      hiddenSize: s.width,
      causal: false,
      layers: s.layers,
      blockPrefix: 'bert.encoder.layer.',
      parameters: bertParameters(s),
      checkpointName,
      embed: (params, input, pass) => embed(s, params, input, pass),
      block: (params, layer, x, pass) => block(s, params, layer, x, pass),
      logits: (params, hidden) => predictions(s, params, hidden),
    },
    options,
  );
}

type Sizes = ReturnType<typeof readSizes>;

function readSizes(reader: ConfigReader) {
  reader.only('tie_word_embeddings', true);
  reader.only('position_embedding_type', 'absolute');
  reader.only('is_decoder', false);
  reader.only('add_cross_attention', false);
  const width = reader.integer('hidden_size', 768);
  const heads = reader.integer('num_attention_heads', 12);
  if (width % heads !== 0)
    reader.refuse('num_attention_heads', `must divide hidden_size, ${width}`);
  const vocabSize = reader.integer('vocab_size', 30522, { max: 2 ** 24 });
  const padding = reader.raw('pad_token_id');
  return {
    vocabSize,
    contextLength: reader.integer('max_position_embeddings', 512, { max: 2 ** 24 }),
    width,
    heads,
    layers: reader.integer('num_hidden_layers', 12, { max: 1000 }),
    inner: reader.integer('intermediate_size', 3072, { max: 4_000_000 }),
    activation: reader.choice('hidden_act', 'gelu', ACTIVATIONS),
    hiddenDropout: reader.number('hidden_dropout_prob', 0.1, { max: 0.99 }),
    attentionDropout: reader.number('attention_probs_dropout_prob', 0.1, { max: 0.99 }),
    types: reader.integer('type_vocab_size', 2),
    epsilon: reader.number('layer_norm_eps', 1e-12),
    std: reader.number('initializer_range', 0.02),
    padding:
      padding === undefined
        ? undefined
        : reader.integer('pad_token_id', 0, { min: 0, max: vocabSize - 1 }),
  };
}

const TABLES = 'bert.embeddings';

/** The linear layers of one block. */
function denses(layer: number) {
  const at = (name: string): Dense => ({
    name: `bert.encoder.layer.${layer}.${name}`,
    bias: true,
    layout: 'out-in',
  });
  return {
    q: at('attention.self.query'),
    k: at('attention.self.key'),
    v: at('attention.self.value'),
    o: at('attention.output.dense'),
    up: at('intermediate.dense'),
    down: at('output.dense'),
  };
}

const TRANSFORM: Dense = {
  name: 'cls.predictions.transform.dense',
  bias: true,
  layout: 'out-in',
};

function bertParameters(s: Sizes): ParameterSpecs {
  const table = (rows: number, zeroRow?: number): ParameterSpec => ({
    shape: [rows, s.width],
    initial: zeroRow === undefined ? { std: s.std } : { std: s.std, zeroRow },
  });
  const specs: [string, ParameterSpec][] = [
    [`${TABLES}.word_embeddings.weight`, table(s.vocabSize, s.padding)],
    [`${TABLES}.position_embeddings.weight`, table(s.contextLength)],
    [`${TABLES}.token_type_embeddings.weight`, table(s.types)],
    ...normParameters(`${TABLES}.LayerNorm`, s.width),
  ];
  for (let layer = 0; layer < s.layers; layer++) {
    const { q, k, v, o, up, down } = denses(layer);
    for (const square of [q, k, v, o])
      specs.push(...denseParameters(square, s.width, s.width, s.std));
    specs.push(
      ...normParameters(`bert.encoder.layer.${layer}.attention.output.LayerNorm`, s.width),
      ...denseParameters(up, s.width, s.inner, s.std),
      ...denseParameters(down, s.inner, s.width, s.std),
      ...normParameters(`bert.encoder.layer.${layer}.output.LayerNorm`, s.width),
    );
  }
  specs.push(
    ...denseParameters(TRANSFORM, s.width, s.width, s.std),
    ...normParameters('cls.predictions.transform.LayerNorm', s.width),
    ['cls.predictions.bias', { shape: [s.vocabSize], initial: 'zeros' }],
  );
  return new Map(specs);
}

function embed(s: Sizes, params: Params, input: TokenInput, pass: Pass): Tensor {
  const positionTable = parameter(params, `${TABLES}.position_embeddings.weight`); // [C, E]
  const typeTable = parameter(params, `${TABLES}.token_type_embeddings.weight`);
  const tokens = lookUp(parameter(params, `${TABLES}.word_embeddings.weight`), input.ids); // [B, T, E]
  const positions =
    input.positions === undefined
      ? rowsOf(positionTable, 0, pass.length) // [T, E], the same for all rows
      : lookUp(positionTable, input.positions); // [B, T, E]
  const sum = add(add(tokens, rowsOf(typeTable, 0, 1)), positions);
  return drop(
    norm(params, `${TABLES}.LayerNorm`, sum, s.epsilon),
    s.hiddenDropout,
    'embedding',
    pass,
  );
}

function block(s: Sizes, params: Params, layer: number, x: Tensor, pass: Pass): Tensor {
  const at = `bert.encoder.layer.${layer}`;
  const { up, down } = denses(layer);
  const rate = s.hiddenDropout;
  const attended = around(x, (residual) => attention(s, params, layer, x, pass, residual), {
    rate,
    place: `${at}.attention`,
    pass,
  });
  const y = norm(params, `${at}.attention.output.LayerNorm`, attended, s.epsilon);
  const fed = around(y, (residual) => mlp(params, up, down, s.activation, y, residual), {
    rate,
    place: `${at}.output`,
    pass,
  });
  return norm(params, `${at}.output.LayerNorm`, fed, s.epsilon);
}

/** x and residual: [B, T, E] -> [B, T, E] */
function attention(
  s: Sizes,
  params: Params,
  layer: number,
  x: Tensor,
  pass: Pass,
  residual: Tensor | undefined,
): Tensor {
  const { q, k, v, o } = denses(layer);
  const heads = (projection: Dense): Tensor => splitHeads(dense(params, projection, x), s.heads);
  const options = { layer, causal: false, dropout: s.attentionDropout };
  const mixed = attend(heads(q), heads(k), heads(v), pass, options); // heads: [B, T, H, D]
  return dense(params, o, mixed, residual);
}

/** The masked-language-model head: [..., E] -> [..., V] */
function predictions(s: Sizes, params: Params, hidden: Tensor): Tensor {
  const transformed = activate(s.activation, dense(params, TRANSFORM, hidden));
  const ready = norm(params, 'cls.predictions.transform.LayerNorm', transformed, s.epsilon);
  return linear(ready, parameter(params, `${TABLES}.word_embeddings.weight`), {
    bias: parameter(params, 'cls.predictions.bias'),
    transposeWeight: true,
  });
}

/** Old checkpoints call a norm's parameters gamma and beta; the pooler and the sentence head are not used. */
function checkpointName(name: string): string | undefined {
  if (name === `${TABLES}.position_ids` || name.startsWith('bert.pooler.')) return undefined;
  if (name.startsWith('cls.seq_relationship.') || name.startsWith('cls.predictions.decoder.'))
    return undefined;
  return name.replace(/\.gamma$/, '.weight').replace(/\.beta$/, '.bias');
}
