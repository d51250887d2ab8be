import { type Backend, HeddleError, type KeyValueCache, type Tensor } from '@heddle/core';
import { keep, scoped, updateSlice, zeros } from '@heddle/tensor';

/** Which keys and values an architecture stores: `layers` times k and v [B, C, groups, headDim]. */
export interface CacheShape {
  readonly layers: number;
  readonly groups: number;
  readonly headDim: number;
}

/** What attention reads of the cache: room for C positions, of which the first `keyLength` count. */
export interface CachedKeys {
  /** [B, C, G, D] */
  readonly keys: Tensor;
  /** [B, C, G, D] */
  readonly values: Tensor;
  readonly keyLength: number;
}

/** The keys and values of every layer in memory of fixed size, written in place as positions come. */
export class LayerCache implements KeyValueCache {
  readonly batch: number;
  readonly capacity: number;
  readonly #layers: readonly { readonly keys: Tensor; readonly values: Tensor }[];
  /** i32 [B, C] */
  readonly #segments: Tensor;
  #hasSegments: boolean | undefined;
  #length = 0;

  constructor(
    { layers, groups, headDim }: CacheShape,
    { batch, capacity, backend }: { batch: number; capacity: number; backend: Backend },
  ) {
    for (const [argument, given] of Object.entries({ batch, capacity }))
      if (!Number.isSafeInteger(given) || given < 1)
        throw new HeddleError(
          'invalid-argument',
          `createCache: \`${argument}\` must be a positive integer; it is ${given}.`,
          { argument, given },
        );
    this.batch = batch;
    this.capacity = capacity;
    const room = [batch, capacity, groups, headDim];
    this.#layers = Array.from({ length: layers }, () => ({
      keys: keep(zeros(backend, room)),
      values: keep(zeros(backend, room)),
    }));
    this.#segments = keep(zeros(backend, [batch, capacity], 'i32'));
  }

  get length(): number {
    return this.#length;
  }

  /** Of the positions so far and those of this pass; undefined if the passes gave none. i32 [B, C] */
  get segments(): Tensor | undefined {
    return this.#hasSegments ? this.#segments : undefined;
  }

  /** Checks that a pass over `batch` rows of `length` fits, and takes its segments. */
  begin(batch: number, length: number, segments: Tensor | undefined): void {
    if (batch !== this.batch)
      throw new HeddleError(
        'invalid-argument',
        `The cache was created for ${this.batch} rows, the input has ${batch}. Create one for ${batch}.`,
        { argument: 'cache', given: this.batch },
      );
    if (this.#length + length > this.capacity)
      throw new HeddleError(
        'transformer/context-length',
        `The cache has room for ${this.capacity} positions and holds ${this.#length}; ${length} more do not fit. ` +
          'Create it with a larger capacity.',
        { asked: this.#length + length, limit: this.capacity },
      );
    if (this.#length > 0 && this.#hasSegments !== (segments !== undefined))
      throw new HeddleError(
        'invalid-argument',
        'Give `segments` in every pass with one cache, or in none.',
        { argument: 'segments', given: segments !== undefined },
      );
    this.#hasSegments = segments !== undefined;
    if (segments !== undefined) updateSlice(this.#segments, segments, [0, this.#length]);
  }

  /** Stores k and v [B, T, G, D] of one layer after the positions so far. */
  append(layer: number, k: Tensor, v: Tensor): CachedKeys {
    const { keys, values } = this.#layers[layer];
    scoped(() => {
      updateSlice(keys, k, [0, this.#length, 0, 0]);
      updateSlice(values, v, [0, this.#length, 0, 0]);
    });
    return { keys, values, keyLength: this.#length + k.shape[1] };
  }

  /** Ends a pass: its positions count from now on. */
  advance(length: number): void {
    this.#length += length;
  }

  dispose(): void {
    for (const { keys, values } of this.#layers) {
      keys.dispose();
      values.dispose();
    }
    this.#segments.dispose();
  }
}
