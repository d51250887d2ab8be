import {
  type Awaitable,
  type Backend,
  type Context,
  fold,
  type LanguageModel,
  type Params,
  randomWords,
  rngKey,
  type Shape,
  type Tensor,
  type TokenInput,
} from '@heddle/core';
import { check } from '../assert.js';
import type { ModelSuiteOptions } from './suite.js';

/** Numbers read back, with their shape. */
export interface Numbers {
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
}

/** What a forward pass is fed, on the host; every array is row-major [rows, length]. */
export interface Tokens {
  readonly rows: number;
  readonly ids: readonly number[];
  readonly segments?: readonly number[];
  readonly positions?: readonly number[];
}

const KEY = rngKey(7);

/** A model with parameters on a backend of its own. */
export class Fixture {
  readonly model: LanguageModel;
  readonly backend: Backend;
  readonly params: Params;
  readonly #options: ModelSuiteOptions<unknown>;

  private constructor(
    options: ModelSuiteOptions<unknown>,
    model: LanguageModel,
    backend: Backend,
    params: Params,
  ) {
    this.#options = options;
    this.model = model;
    this.backend = backend;
    this.params = params;
  }

  static async use(
    options: ModelSuiteOptions<unknown>,
    body: (fixture: Fixture) => Awaitable<void>,
  ): Promise<void> {
    const model = await options.create();
    const backend = await options.backend();
    try {
      const params = model.init(KEY, backend);
      await body(new Fixture(options, model, backend, params));
    } finally {
      await backend[Symbol.asyncDispose]();
    }
  }

  /** A length that fits the context and is enough to see order. */
  get length(): number {
    return Math.min(12, this.model.contextLength);
  }

  /** Random ids, the same for the same name. */
  ids(count: number, name = 'ids'): number[] {
    const words = randomWords(fold(KEY, name), count);
    return Array.from(words, (word) => word % this.model.vocabSize);
  }

  context(change: Partial<Context> = {}): Context {
    return { backend: this.backend, train: false, key: rngKey(1), ...change };
  }

  /** Runs `body` on tensors of `tokens`; frees them and whatever the pass made, after reading the result. */
  async forward(
    tokens: Tokens,
    body: (input: TokenInput) => Tensor = (input) =>
      this.model.apply(this.params, input, this.context()),
    cache?: TokenInput['cache'],
  ): Promise<Numbers> {
    const length = tokens.ids.length / tokens.rows;
    const onDevice = (numbers: readonly number[]): Tensor =>
      this.#options.tensor(this.backend, Int32Array.from(numbers), [tokens.rows, length]);
    const input = {
      ids: onDevice(tokens.ids),
      ...(tokens.segments && { segments: onDevice(tokens.segments) }),
      ...(tokens.positions && { positions: onDevice(tokens.positions) }),
    };
    const scoped = this.#options.scoped ?? ((inner) => inner());
    try {
      const result = scoped(() => body(cache ? { ...input, cache } : input));
      const data = await result.read();
      result.dispose();
      return { shape: result.shape, data };
    } finally {
      for (const tensor of Object.values(input)) tensor.dispose();
    }
  }

  /** Throws unless the numbers are equal within the suite's tolerance of the largest of them. */
  checkNear(what: string, got: Numbers, wanted: Numbers): void {
    const { length } = wanted.data;
    check(got.data.length === length, `${what}: ${got.data.length} numbers, not ${length}`);
    const allowed = this.#tolerance(wanted);
    for (let i = 0; i < length; i++) {
      const [a, b] = [got.data[i], wanted.data[i]];
      check(
        Math.abs(a - b) <= allowed,
        () => `${what}: [${i}] is ${a} and should be ${b} (allowed: ${allowed})`,
      );
    }
  }

  /** Throws unless some number differs by clearly more than the tolerance. */
  checkDifferent(what: string, got: Numbers, other: Numbers): void {
    const allowed = this.#tolerance(other);
    for (let i = 0; i < other.data.length; i++) {
      if (Math.abs(got.data[i] - other.data[i]) > 3 * allowed) return;
    }
    throw new Error(what);
  }

  #tolerance({ data }: Numbers): number {
    let largest = 0;
    for (let i = 0; i < data.length; i++) largest = Math.max(largest, Math.abs(data[i]));
    return (this.#options.tolerance ?? 1e-5) * largest;
  }

  /** Frees parameters. */
  static dispose(params: Params): void {
    for (const tensor of Object.values(params)) tensor.dispose();
  }
}

/** Row `row` of [rows, ...], or some positions of it for [rows, length, ...]. */
export function part(x: Numbers, row: number, from = 0, to: number = x.shape[1]): Numbers {
  const [, length, ...rest] = x.shape;
  const width = rest.reduce((a, b) => a * b, 1);
  const start = (row * length + from) * width;
  const data = Array.from(x.data).slice(start, start + (to - from) * width);
  return { shape: [to - from, ...rest], data };
}
