import { refuse } from '../argument.js';

/** A long row of token ids that can be read anywhere. */
export interface TokenSequence {
  readonly name: string;
  /** How many tokens. */
  readonly length: number;
  /** The id after each document, where there is one. */
  readonly endOfText: number | undefined;
  /** Tokens `start` … `start + count - 1`, which must exist. */
  read(start: number, count: number): Promise<Int32Array>;
}

/** Tokens in memory as a sequence, for what is small enough: `ids: [N]`. */
export function tokenSequence(
  ids: ArrayLike<number>,
  options: { readonly endOfText?: number } = {},
): TokenSequence {
  const tokens = Int32Array.from(ids);
  return {
    name: 'tokens in memory',
    length: tokens.length,
    endOfText: options.endOfText,
    read: async (start, count) => {
      requireRange(start, count, tokens.length);
      return tokens.slice(start, start + count);
    },
  };
}

/** Throws `invalid-argument` unless `count` tokens from `start` lie within `length`. */
export function requireRange(start: number, count: number, length: number): void {
  const isRange = Number.isSafeInteger(start) && Number.isSafeInteger(count);
  if (isRange && start >= 0 && count >= 0 && start + count <= length) return;
  refuse('start', [start, count], `give [start, count] within the ${length} tokens`);
}
