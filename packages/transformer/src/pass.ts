import { type Context, HeddleError, type Params, type TokenInput } from '@heddle/core';
import { LayerCache } from './cache.js';

/** One forward pass: what every block needs to know besides its parameters and its input. */
export interface Pass {
  readonly context: Context;
  /** T, positions a row. */
  readonly length: number;
  /** Positions in the cache before this pass. */
  readonly start: number;
  readonly cache: LayerCache | undefined;
  /**
   * Tensors made once a pass and used by every block: `segments` i32 [B, T], if the input has them;
   * with rotary positions `cos` and `sin`, f32 [1 or B, T, D / 2].
   */
  readonly constants: Params;
}

/** Checks the input of a pass against the model; the cache is told of it. */
export function startPass(input: TokenInput, context: Context, contextLength: number): Pass {
  const { ids, segments, positions, cache } = input;
  if (ids.shape.length !== 2 || ids.dtype !== 'i32')
    throw new HeddleError(
      'invalid-argument',
      `\`ids\` must be i32 [B, T]; it is ${ids.dtype} [${ids.shape.join(', ')}].`,
      { argument: 'ids', given: ids.shape },
    );
  const [batch, length] = ids.shape;
  for (const [argument, given] of [
    ['segments', segments],
    ['positions', positions],
  ] as const) {
    if (given === undefined) continue;
    if (given.dtype !== 'i32' || given.shape.join() !== ids.shape.join())
      throw new HeddleError(
        'invalid-argument',
        `\`${argument}\` must be i32 [${ids.shape.join(', ')}] as \`ids\` is; it is ${given.dtype} [${given.shape.join(', ')}].`,
        { argument, given: given.shape },
      );
  }
  const ours = cache === undefined ? undefined : ownCache(cache, context);
  const start = ours?.length ?? 0;
  if (start + length > contextLength)
    throw new HeddleError(
      'transformer/context-length',
      `The model has ${contextLength} positions, ${start + length} are asked for` +
        `${start > 0 ? ` (${start} of them in the cache)` : ''}. Shorten the input, or make a model with a longer context.`,
      { asked: start + length, limit: contextLength },
    );
  ours?.begin(batch, length, segments);
  return { context, length, start, cache: ours, constants: segments ? { segments } : {} };
}

function ownCache(cache: NonNullable<TokenInput['cache']>, context: Context): LayerCache {
  if (!(cache instanceof LayerCache))
    throw new HeddleError(
      'invalid-argument',
      '`cache` is not one of this model. Make it with `model.createCache`.',
      { argument: 'cache', given: null },
    );
  if (context.train)
    throw new HeddleError(
      'invalid-argument',
      'A cache is for decoding: it has no gradient. Leave it out, or pass `train: false`.',
      { argument: 'cache', given: null },
    );
  return cache;
}
