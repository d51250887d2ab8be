/** One training step: a model's sizes and a batch of ids. */
export interface Case {
  readonly name: string;
  readonly family: 'gpt2' | 'llama';
  readonly layers: number;
  readonly heads: number;
  /** Heads of keys and values. */
  readonly groups: number;
  readonly width: number;
  /** Width of the feed-forward layer. */
  readonly inner: number;
  readonly vocab: number;
  /** Positions a row. */
  readonly context: number;
  /** Rows a step. */
  readonly batch: number;
}

export type Precision = 'f32' | 'bf16';

const gpt2Small = { layers: 12, heads: 12, groups: 12, width: 768, inner: 3072, vocab: 50257 };

/** By name. `tiny` is for the smoke test and not in the help. */
export const CASES: ReadonlyMap<string, Case> = new Map(
  (
    [
      {
        ...{ name: 'S', family: 'gpt2', layers: 6, heads: 6, groups: 6, width: 384, inner: 1536 },
        ...{ vocab: 65, context: 256, batch: 12 },
      },
      { name: 'M', family: 'gpt2', ...gpt2Small, context: 256, batch: 4 },
      {
        ...{ name: 'L', family: 'llama', ...gpt2Small, groups: 4, inner: 2048 },
        ...{ context: 256, batch: 4 },
      },
      {
        ...{ name: 'tiny', family: 'llama', layers: 2, heads: 4, groups: 2, width: 16, inner: 32 },
        ...{ vocab: 11, context: 8, batch: 2 },
      },
    ] satisfies Case[]
  ).map((each) => [each.name, each]),
);

/** Rows of context + 1 ids, the same in every run (a linear congruential generator). */
export function idsOf({ batch, context, vocab }: Case): number[] {
  let state = 1;
  return Array.from({ length: batch * (context + 1) }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * vocab);
  });
}
