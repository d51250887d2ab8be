// A loop of one's own: no trainer, only parts. It keeps an exponential moving average of the weights
// (Polyak & Juditsky 1992) and measures both on held-out text.
// npx tsx src/main.ts [TEXT_FILE] [STEPS]
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  type Context,
  fold,
  type Params,
  randomWords,
  rngKey,
  type TokenBatch,
} from '@heddle/core';
import { cpu } from '@heddle/cpu';
import { causalLm } from '@heddle/pretrain';
import {
  adamw,
  add,
  assign,
  clipScale,
  copy,
  div,
  globalNorm,
  mul,
  scope,
  scoped,
  valueAndGrad,
} from '@heddle/tensor';
import { llama } from '@heddle/transformer';

const [
  file = fileURLToPath(new URL('../../../docs/architecture.md', import.meta.url)),
  steps = '60',
] = process.argv.slice(2);
const bytes = Int32Array.from(await readFile(file)); // a byte is a token
const [rows, length] = [8, 64];
const held = bytes.subarray(Math.floor(bytes.length * 0.9));
const seen = bytes.subarray(0, Math.floor(bytes.length * 0.9));

function sample(ids: Int32Array, key: readonly [number, number]): TokenBatch {
  const starts = [...randomWords(key, rows)].map((word) => word % (ids.length - length));
  return {
    rows,
    length,
    ids: Int32Array.from(starts.flatMap((start) => [...ids.subarray(start, start + length)])),
  };
}

await using backend = cpu();
const model = llama({
  vocab_size: 256,
  hidden_size: 64,
  intermediate_size: 192,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: length,
  tie_word_embeddings: true,
});
const objective = causalLm(model);
const optimizer = adamw({ weightDecay: 0.1 });
const seed = rngKey(7);
const params = model.init(fold(seed, 'init'), backend);
const state = optimizer.init(params);
const average: Params = Object.fromEntries(
  Object.entries(params).map(([name, p]) => [name, copy(p)]),
);

/** One update; everything it makes is freed when the scope ends. */
function update(step: number): void {
  using _ = scope();
  const context: Context = { backend, train: true, key: fold(seed, step) };
  const batch = sample(seen, fold(context.key, 'batch'));
  let count = 0;
  const { grads } = valueAndGrad((p: Params) => {
    const loss = objective.loss(p, batch, context);
    count = loss.count;
    return loss.sum;
  })(params);
  const norm = div(globalNorm(grads), count);
  optimizer.update(params, grads, state, { step, lr: 3e-3, scale: div(clipScale(norm, 1), count) });
  for (const [name, p] of Object.entries(params))
    assign(average[name], add(mul(average[name], 0.9), mul(p, 0.1)));
}

async function heldOutLoss(weights: Params): Promise<number> {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < 4; i++) {
    const context: Context = { backend, train: false, key: seed };
    const loss = scoped(() =>
      objective.loss(weights, sample(held, fold(seed, `held ${i}`)), context),
    );
    sum += (await loss.sum.read())[0];
    count += loss.count;
    loss.sum.dispose();
  }
  return sum / count;
}

for (let step = 1; step <= Number(steps); step++) {
  update(step);
  if (step % 20 === 0)
    console.log(
      `step ${step}: ${(await heldOutLoss(params)).toFixed(3)}, average ${(await heldOutLoss(average)).toFixed(3)}`,
    );
}
console.log(`live bytes: ${backend.memory().live}`);
