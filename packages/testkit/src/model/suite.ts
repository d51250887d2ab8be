import type { Awaitable, Backend, LanguageModel, Params, Shape, Tensor } from '@heddle/core';
import { type Runner, Suite, type Waiver } from '../runner.js';
import { attentionTests } from './attention.js';
import { cacheTests } from './cache.js';
import { Fixture } from './fixture.js';
import { initTests } from './init.js';
import { passTests } from './pass.js';
import { savingTests } from './saving.js';

export interface ModelSuiteOptions<Saved> {
  readonly runner: Runner;
  /** A small model: a few layers, a context of 8 positions or more, 8 tokens or more. */
  readonly create: () => Awaitable<LanguageModel>;
  /** Makes the backend that a test runs on; it is disposed of after the test. */
  readonly backend: () => Awaitable<Backend>;
  /** Puts i32 numbers on the backend. */
  readonly tensor: (backend: Backend, data: Int32Array, shape: Shape) => Tensor;
  /** Runs a pass and frees all that it made but its result: `scoped` of @heddle/tensor. By default the model is to do so. */
  readonly scoped?: (body: () => Tensor) => Tensor;
  /** Writes a checkpoint; what it returns is given to `load`. */
  readonly save?: (model: LanguageModel, params: Params) => Awaitable<Saved>;
  readonly load?: (
    saved: Saved,
    backend: Backend,
  ) => Awaitable<{ readonly model: LanguageModel; readonly params: Params }>;
  /** How far numbers that should be equal may differ, relative to the largest. Default 1e-5. */
  readonly tolerance?: number;
  readonly waivers?: readonly Waiver[];
}

/** A test of a model with parameters on a fresh backend. */
export type ModelTest = (
  group: string,
  name: string,
  body: (fixture: Fixture) => Awaitable<void>,
) => void;

/**
 * Registers the conformance tests of `LanguageModel`: initialisation, shapes, batch invariance, what
 * a position may see, incremental decoding, checkpoints, memory.
 */
export function modelSuite<Saved = unknown>(options: ModelSuiteOptions<Saved>): void {
  const suite = new Suite();
  const opaque = options as ModelSuiteOptions<unknown>;
  const test: ModelTest = (group, name, body) =>
    suite.test(group, name, () => Fixture.use(opaque, body));
  initTests(test);
  passTests(test);
  attentionTests(test);
  cacheTests(test);
  savingTests(test, opaque);
  suite.register('language model', options.runner, options.waivers);
}
