import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpu } from '@heddle/cpu';
import { scoped, tensor } from '@heddle/tensor';
import { modelSuite } from '@heddle/testkit';
import { afterAll, describe, it } from 'vitest';
import { bert, gpt2, llama, loadModel, saveModel, type Transformer } from '../src/index.js';

const root = await mkdtemp(join(tmpdir(), 'heddle-transformer-'));
afterAll(() => rm(root, { recursive: true }));

const size = { vocab_size: 37, hidden_size: 16, num_hidden_layers: 2, intermediate_size: 24 };
// Fresh weights of 0.02 on 16 features say nearly the same of every token; larger ones tell them apart.
const initial = { initializer_range: 0.3 };
const models: Readonly<Record<string, () => Transformer>> = {
  gpt2: () =>
    gpt2({ vocab_size: 37, n_positions: 16, n_embd: 16, n_layer: 2, n_head: 2, ...initial }),
  llama: () =>
    llama({
      ...{ ...size, ...initial, max_position_embeddings: 16 },
      ...{ num_attention_heads: 4, num_key_value_heads: 2, attention_dropout: 0.1 },
    }),
  bert: () => bert({ ...size, ...initial, max_position_embeddings: 16, num_attention_heads: 2 }),
};

let count = 0;
describe.each(Object.entries(models))('%s', (_, create) => {
  modelSuite<string>({
    runner: { describe, it },
    create,
    backend: () => cpu(),
    tensor: (backend, data, shape) => tensor(backend, data, shape),
    scoped,
    save: async (model, params) => {
      const directory = join(root, String(count++));
      await saveModel(directory, { model: model as Transformer, params });
      return directory;
    },
    load: (directory, backend) => loadModel(directory, backend),
  });
});
