import {
  type Backend,
  fold,
  type Item,
  type Params,
  randomWords,
  rngKey,
  type Source,
  type TokenBatch,
} from '@heddle/core';
import { bert, gpt2, type Transformer } from '@heddle/transformer';

/** Sentences of a small grammar; a byte is a token, 0 ends a sentence. */
export function sentences(seed: number, count: number): Int32Array {
  const words = (list: string, at: number): string => list.split(' ')[at % list.split(' ').length];
  const text: number[] = [];
  const draws = randomWords(rngKey(seed), count * 4);
  for (let i = 0; i < count; i++) {
    const [a, b, c, d] = draws.subarray(4 * i, 4 * i + 4);
    const sentence = `${words('the one every', a)} ${words('weaver shuttle thread loom', b)} ${words('holds finds turns', c)} ${words('wool silk linen', d)}.`;
    text.push(...new TextEncoder().encode(sentence), 0);
  }
  return Int32Array.from(text);
}

export function windows(
  ids: Int32Array,
  rows: number,
  length: number,
  key: readonly [number, number],
): TokenBatch {
  const starts = [...randomWords(key, rows)].map((word) => word % (ids.length - length));
  return {
    rows,
    length,
    ids: Int32Array.from(starts.flatMap((s) => [...ids.subarray(s, s + length)])),
  };
}

export function windowSource(ids: Int32Array, rows: number, length: number): Source<TokenBatch> {
  return {
    name: 'windows',
    async *read({ after }): AsyncIterable<Item<TokenBatch>> {
      for (let i = after === undefined ? 0 : Number(after) + 1; ; i++)
        yield { value: windows(ids, rows, length, fold(rngKey(3), i)), cursor: i };
    },
  };
}

export function tinyGpt(): Transformer {
  return gpt2({
    vocab_size: 128,
    n_positions: 32,
    n_embd: 32,
    n_layer: 2,
    n_head: 2,
    embd_pdrop: 0,
    attn_pdrop: 0,
    resid_pdrop: 0,
  });
}

export function tinyBert(): Transformer {
  return bert({
    vocab_size: 128,
    max_position_embeddings: 32,
    hidden_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 64,
    hidden_dropout_prob: 0,
    attention_probs_dropout_prob: 0,
  });
}

/** -log softmax(logits)[target] of the row of `size` logits that begins at `at`, in doubles. */
export function negativeLogLikelihood(
  logits: ArrayLike<number>,
  at: number,
  size: number,
  target: number,
): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += Math.exp(logits[at + i]);
  return Math.log(sum) - logits[at + target];
}

export function disposeAll(params: Params): void {
  for (const t of Object.values(params)) t.dispose();
}

export async function logitsOf(
  model: Transformer,
  params: Params,
  backend: Backend,
  input: Parameters<Transformer['apply']>[1],
): Promise<ArrayLike<number>> {
  const logits = model.apply(params, input, { backend, train: false, key: rngKey(0) });
  const values = await logits.read();
  logits.dispose();
  return values;
}
