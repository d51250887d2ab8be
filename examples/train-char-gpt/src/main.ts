// A GPT over the characters of a text, with nanoGPT's small settings for a CPU.
// npx tsx src/main.ts TEXT_FILE [VALIDATION_FILE] [STEPS]
import { readFile } from 'node:fs/promises';
import { fold, randomWords, rngKey, type Source, type TokenBatch } from '@heddle/core';
import { cpu } from '@heddle/cpu';
import { causalLm, validationLoss } from '@heddle/pretrain';
import { adamw } from '@heddle/tensor';
import { cosine, progress, train } from '@heddle/trainer';
import { generate, gpt2 } from '@heddle/transformer';

const [file = '../../../shared/data/pretrain/tinyshakespeare/train.txt', held, steps = '2000'] =
  process.argv.slice(2);
const text = await readFile(file, 'utf8');
const trainText = held ? text : text.slice(0, 0.9 * text.length);
const heldText = held ? await readFile(held, 'utf8') : text.slice(0.9 * text.length);
const alphabet = [...new Set(text + heldText)].sort();
const idOf = new Map(alphabet.map((character, id) => [character, id]));
const encode = (characters: string) =>
  Int32Array.from(characters, (character) => idOf.get(character)!);

const rows = 12;
const length = 64;
/** The window of `length` ids, and of what follows each, that begins at each of `starts`. */
function batch(ids: Int32Array, starts: readonly number[]): TokenBatch {
  const windows = (shift: number) =>
    Int32Array.from(
      starts.flatMap((start) => [...ids.subarray(start + shift, start + shift + length)]),
    );
  return { rows: starts.length, length, ids: windows(0), targets: windows(1) };
}

const trainIds = encode(trainText);
const data: Source<TokenBatch> = {
  name: 'random windows',
  async *read({ after }) {
    for (let i = after === undefined ? 0 : Number(after) + 1; ; i++) {
      const starts = [...randomWords(fold(rngKey(1), i), rows)].map(
        (word) => word % (trainIds.length - length),
      );
      yield { value: batch(trainIds, starts), cursor: i };
    }
  },
};
const heldIds = encode(heldText);
const batches = Array.from({ length: Math.floor((heldIds.length - 1) / length / rows) }, (_, i) =>
  batch(
    heldIds,
    Array.from({ length: rows }, (_, row) => (i * rows + row) * length),
  ),
);

await using backend = cpu();
const model = gpt2({
  vocab_size: alphabet.length,
  n_positions: length,
  n_embd: 128,
  n_layer: 4,
  n_head: 4,
  embd_pdrop: 0,
  attn_pdrop: 0,
  resid_pdrop: 0,
});
const { params, metrics } = await train({
  backend,
  model,
  data,
  seed: 1,
  steps: Number(steps),
  clip: 1,
  objective: causalLm(model),
  optimizer: adamw({ beta2: 0.99, weightDecay: 0.1 }),
  schedule: cosine({ lr: 1e-3, minLr: 1e-4, warmup: 100 }),
  evaluate: async (params) => ({
    loss: (await validationLoss({ model, params, batches, backend })).loss,
  }),
  callbacks: [progress()],
});
console.log(`validation loss ${metrics.validation.loss.toFixed(4)}`);

const prompt = encode('\n');
for await (const { id } of generate({
  model,
  params,
  backend,
  prompt,
  maxTokens: 400,
  seed: 1,
  overflow: 'slide',
})) {
  process.stdout.write(alphabet[id]);
}
