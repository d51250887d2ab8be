// A GPT over the characters of a text, with nanoGPT's small settings for a CPU.
// npx tsx src/main.ts TRAINING_TEXT HELD_OUT_TEXT [STEPS] [f32 or bf16]
import { readFile } from 'node:fs/promises';
import { packedBatches, sequentialBatches, tokenSequence } from '@heddle/corpus';
import { cpu } from '@heddle/cpu';
import { causalLm, validationLoss } from '@heddle/pretrain';
import { adamw } from '@heddle/tensor';
import { cosine, progress, train } from '@heddle/trainer';
import { generate, gpt2 } from '@heddle/transformer';

const [seenFile, heldFile, steps = '2000', precision = 'f32'] = process.argv.slice(2);
const [seen, held] = [await readFile(seenFile, 'utf8'), await readFile(heldFile, 'utf8')];
const alphabet = [...new Set(seen + held)].sort();
const idOf = new Map(alphabet.map((character, id) => [character, id]));
const ids = (text: string) => tokenSequence([...text].map((character) => idOf.get(character)!));

await using backend = cpu();
const shape = { n_positions: 64, n_embd: 128, n_layer: 4, n_head: 4 };
const dropout = { embd_pdrop: 0, attn_pdrop: 0, resid_pdrop: 0 };
const model = gpt2({ vocab_size: alphabet.length, ...shape, ...dropout });
const batches = async function* () {
  const source = sequentialBatches(ids(held), { rows: 64, length: 64 });
  for await (const { value } of source.read({ rank: 0, worldSize: 1 })) yield value;
};

const { params, metrics } = await train({
  backend,
  model,
  objective: causalLm(model),
  data: packedBatches(ids(seen), { rows: 12, length: 64, seed: 1 }),
  optimizer: adamw({ beta2: 0.99, weightDecay: 0.1, decay: (_, { length }) => length > 1 }),
  schedule: cosine({ lr: 1e-3, minLr: 1e-4, warmup: 100 }),
  steps: Number(steps),
  clip: 1,
  precision: precision === 'bf16' ? 'bf16' : 'f32',
  seed: 1,
  evaluate: async (params) => {
    const { loss } = await validationLoss({ model, params, backend, batches: batches() });
    return { loss };
  },
  callbacks: [progress()],
});
console.log(`validation loss ${metrics.validation.loss.toFixed(4)}`);

const sampling = { prompt: [idOf.get('\n') ?? 0], maxTokens: 300, overflow: 'slide' } as const;
for await (const { id } of generate({ model, params, backend, ...sampling, seed: 1 })) {
  process.stdout.write(alphabet[id]);
}
process.stdout.write('\n');
