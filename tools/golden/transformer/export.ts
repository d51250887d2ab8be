/**
 * Writes one saved model of each family, with the logits that Heddle computes for it, for
 * check_export.py to load with transformers.
 *
 *     npx tsx --conditions=@heddle/source tools/golden/transformer/export.ts DIRECTORY
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cpu } from '../../../packages/backends/cpu/src/index.js';
import { rngKey } from '../../../packages/core/src/index.js';
import { tensor } from '../../../packages/tensor/src/index.js';
import { trainBpe } from '../../../packages/tokenizer/src/index.js';
import { bert, gpt2, llama, saveModel } from '../../../packages/transformer/src/index.js';

const directory = process.argv[2];
if (directory === undefined) throw new Error('Give the directory to write to.');

const backend = cpu();
const text = 'Warp and weft: a heddle lifts every other thread, and the shuttle passes.';
const tokenizer = await trainBpe(
  Array.from({ length: 20 }, () => text),
  { vocabSize: 300 },
);

const size = { vocab_size: 300, hidden_size: 32, num_hidden_layers: 2, num_attention_heads: 4 };
const ropeScaling = {
  factor: 4,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 16,
};
const models = {
  gpt2: gpt2({ vocab_size: 300, n_positions: 32, n_embd: 32, n_layer: 2, n_head: 4 }),
  'gpt2-untied': gpt2({
    ...{ vocab_size: 300, n_positions: 32, n_embd: 32, n_layer: 2, n_head: 4, n_inner: 40 },
    ...{ tie_word_embeddings: false, activation_function: 'gelu', eos_token_id: 0 },
  }),
  llama: llama({
    ...size,
    intermediate_size: 48,
    num_key_value_heads: 2,
    max_position_embeddings: 32,
  }),
  'llama-biased': llama({
    ...{
      ...size,
      intermediate_size: 48,
      max_position_embeddings: 32,
      head_dim: 16,
      attention_bias: true,
    },
    ...{ mlp_bias: true, tie_word_embeddings: true, rope_theta: 500 },
    rope_scaling: { rope_type: 'llama3', ...ropeScaling },
  }),
  'llama-linear': llama({
    ...{ ...size, intermediate_size: 48, max_position_embeddings: 32 },
    rope_parameters: { rope_type: 'linear', rope_theta: 1000, factor: 2 },
  }),
  bert: bert({ ...size, intermediate_size: 64, max_position_embeddings: 32, pad_token_id: 3 }),
  'bert-relu': bert({
    ...size,
    intermediate_size: 64,
    max_position_embeddings: 32,
    hidden_act: 'relu',
  }),
};

for (const [name, model] of Object.entries(models)) {
  const folder = join(directory, name);
  const params = model.init(rngKey(7), backend);
  await saveModel(folder, { model, params, tokenizer });
  const ids = Int32Array.from({ length: 2 * 20 }, (_, i) => 4 + ((i * 37) % 290));
  const logits = model.apply(
    params,
    { ids: tensor(backend, ids, [2, 20]) },
    { backend, train: false, key: rngKey(0) },
  );
  const expected = { rows: 2, length: 20, ids: [...ids], logits: [...(await logits.read())], text };
  const textIds = [...tokenizer.encode(text).ids];
  await writeFile(join(folder, 'expected.json'), JSON.stringify({ ...expected, textIds }));
}
await backend[Symbol.asyncDispose]();
