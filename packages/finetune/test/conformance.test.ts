import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpu } from '@heddle/cpu';
import { scoped, tensor } from '@heddle/tensor';
import { modelSuite, sourceSuite } from '@heddle/testkit';
import { bert, gpt2, llama, loadModel, saveModel } from '@heddle/transformer';
import { afterAll, describe, it } from 'vitest';
import {
  classificationBatches,
  isAdapter,
  type LoraModel,
  linearTargets,
  loadAdapters,
  lora,
  saveAdapters,
} from '../src/index.js';
import { byteTokenizer } from './parts.js';

const runner = { describe, it };
const root = await mkdtemp(join(tmpdir(), 'heddle-finetune-'));
afterAll(() => rm(root, { recursive: true }));
let count = 0;

describe('classificationBatches', () => {
  const examples = Array.from({ length: 21 }, (_, i) => ({
    text: `text number ${i}`,
    label: i % 3 === 0 ? 'fizz' : 'none',
  }));
  sourceSuite({
    runner,
    create: () =>
      classificationBatches(examples, {
        tokenizer: byteTokenizer(),
        labels: ['fizz', 'none'],
        rows: 4,
        maxLength: 32,
        epochs: 2,
      }),
  });
});

const sizes = { vocab_size: 37, hidden_size: 16, num_hidden_layers: 2, intermediate_size: 24 };
const initial = { initializer_range: 0.3 };
const heads = { ...sizes, ...initial, max_position_embeddings: 16, num_attention_heads: 2 };
describe.each([
  [
    'gpt2',
    gpt2({ vocab_size: 37, n_positions: 16, n_embd: 16, n_layer: 2, n_head: 2, ...initial }),
  ],
  ['llama', llama({ ...heads, num_key_value_heads: 1 })],
  ['bert', bert(heads)],
] as const)('lora(%s) is a language model like any other', (_, model) => {
  modelSuite<string>({
    runner,
    create: () => lora(model, { rank: 2, targets: linearTargets(model.config) }),
    backend: () => cpu({ threads: 1 }),
    tensor: (backend, data, shape) => tensor(backend, data, shape),
    scoped,
    save: async (adapted, params) => {
      const directory = join(root, String(count++));
      const base = Object.entries(params).filter(([name]) => !isAdapter(name));
      await saveModel(directory, { model, params: Object.fromEntries(base) });
      await saveAdapters(directory, { model: adapted as LoraModel, params });
      return directory;
    },
    load: async (directory, backend) => {
      const base = await loadModel(directory, backend);
      const adapters = await loadAdapters(directory, backend);
      return { model: lora(base.model, adapters), params: { ...base.params, ...adapters.params } };
    },
  });
});
