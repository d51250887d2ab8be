import type { Tokenizer } from '@heddle/core';

export interface UnigramCase {
  readonly vocabSize: number;
  /** With sentencepiece's vocabulary: mean log probability per character of the held-out lines. */
  readonly logProbability: number;
}

export interface UnigramGolden {
  readonly generated: UnigramCase & {
    readonly train: readonly string[];
    readonly heldOut: readonly string[];
  };
  readonly books: readonly (UnigramCase & {
    readonly name: string;
    readonly train: readonly string[];
    readonly heldOut: readonly string[];
  })[];
}

/** Mean log probability per character of the best segmentation, as tools/golden/tokenizer/unigram.py counts it. */
export function logProbability(tokenizer: Tokenizer, lines: readonly string[]): number {
  const { model } = tokenizer.toJSON() as unknown as { model: { vocab: [string, number][] } };
  const scores = model.vocab.map(([, score]) => score);
  const unknown = Math.min(...scores) - 10;
  let total = 0;
  let characters = 0;
  for (const line of lines) {
    const { ids, offsets } = tokenizer.encode(line, { offsets: true });
    for (const [i, id] of ids.entries()) {
      if (id !== 0) total += scores[id];
      else if (offsets) {
        total += unknown * [...line.slice(offsets[2 * i], offsets[2 * i + 1])].length;
      }
    }
    characters += [...line].length + 1;
  }
  return total / characters;
}
