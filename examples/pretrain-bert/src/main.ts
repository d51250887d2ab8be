// A small BERT: trains a tokenizer, pre-trains by masked language modelling, fills in a blank.
// npx tsx src/main.ts TEXT_FILE [STEPS] ['A sentence with a ___ in it']
import { readFile } from 'node:fs/promises';
import { rngKey } from '@heddle/core';
import { packedBatches, sequentialBatches, tokenSequence } from '@heddle/corpus';
import { cpu } from '@heddle/cpu';
import { maskedLm, pretrain } from '@heddle/pretrain';
import { scoped, slice } from '@heddle/tensor';
import { trainBpe } from '@heddle/tokenizer';
import { progress } from '@heddle/trainer';
import { bert, tokenIds } from '@heddle/transformer';

const [file, steps = '300', sentence = 'A package imports only ___ layers.'] =
  process.argv.slice(2);
const text = await readFile(file, 'utf8');
const cut = Math.floor(text.length * 0.9);
const tokenizer = await trainBpe([text.slice(0, cut)], {
  vocabSize: 600,
  specialTokens: ['[MASK]'],
});
const maskId = tokenizer.idOf('[MASK]')!;
const ids = (part: string) => tokenSequence(tokenizer.encode(part).ids);
/** Byte-level BPE marks the beginning of a word by the space before it, written Ġ. */
const wholeWords = (id: number) => /^[ĠĊ]/.test(tokenizer.tokenOf(id) ?? '');

await using backend = cpu();
const sizes = { hidden_size: 96, num_hidden_layers: 3, num_attention_heads: 4 };
const length = 64;
const model = bert({
  vocab_size: tokenizer.vocabSize,
  ...sizes,
  intermediate_size: 384,
  max_position_embeddings: length,
  hidden_dropout_prob: 0,
  attention_probs_dropout_prob: 0,
});
const held = sequentialBatches(ids(text.slice(cut)), { rows: 8, length });
const { params, metrics } = await pretrain({
  backend,
  model,
  objective: maskedLm(model, { maskId, wholeWords }),
  data: packedBatches(ids(text.slice(0, cut)), { rows: 16, length, seed: 1 }),
  validation: async function* () {
    for await (const { value } of held.read({ rank: 0, worldSize: 1 })) yield value;
  },
  steps: Number(steps),
  lr: 2e-3,
  seed: 1,
  callbacks: [progress()],
});
console.log(
  `masked loss ${metrics.validation.loss.toFixed(4)} (chance ${Math.log(tokenizer.vocabSize).toFixed(4)})`,
);

const [before, after = ''] = sentence.split(' ___');
const blank = tokenizer.encode(before).ids.length;
const filled = [...tokenizer.encode(before).ids, maskId, ...tokenizer.encode(after).ids];
const logits = scoped(() => {
  const input = { ids: tokenIds(backend, [filled], tokenizer.vocabSize) };
  const all = model.apply(params, input, { backend, train: false, key: rngKey(1) });
  return slice(all, [0, blank, 0], [1, 1, tokenizer.vocabSize]);
});
const scores = [...(await logits.read())].map(
  (score, id) => [score, tokenizer.decode([id])] as const,
);
const best = scores.sort(([a], [b]) => b - a).slice(0, 5);
console.log(`${sentence}  ->  ${best.map(([, word]) => JSON.stringify(word)).join(', ')}`);
