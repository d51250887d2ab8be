import type { Awaitable, Item, Stage } from '@heddle/core';
import { check, equal as deepEqual, show } from '../assert.js';
import { type Runner, Suite, skip, type Waiver } from '../runner.js';
import { checkValues, collect, settled, spread } from './collect.js';
import { Upstream } from './upstream.js';

export interface StageSuiteOptions<A, B> {
  readonly runner: Runner;
  readonly create: () => Awaitable<Stage<A, B>>;
  /**
   * What goes in; some of it must come out. Each use gets a copy made by `structuredClone`; give a
   * function that makes the values anew where they cannot be copied so.
   */
  readonly inputs: readonly A[] | (() => readonly A[]);
  /** How many items it may pull beyond the one that it gives. Default 0. */
  readonly ahead?: number;
  /** What comes out depends on what went in before (duplicates, say), so that it cannot resume alone. */
  readonly stateful?: boolean;
  /** Whether two values are the same; by default compared part by part. */
  readonly equal?: (a: B, b: B) => boolean;
  readonly waivers?: readonly Waiver[];
}

type Create<A, B> = () => Awaitable<Stage<A, B>>;

/** More than any input makes of itself. */
const LIMIT = 1_000_000;

const drain = <T>(items: AsyncIterable<Item<T>>): Promise<Item<T>[]> =>
  settled('the stage', collect(items, LIMIT));

/** Lets work that was started, but is not waited for, go on. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

function cursorTests<A, B>(
  suite: Suite,
  create: Create<A, B>,
  inputs: () => readonly A[],
  { stateful = false, equal = deepEqual }: StageSuiteOptions<A, B>,
): void {
  suite.test('cursors', 'pass through in order', async () => {
    const outputs = await drain((await create())(new Upstream(inputs())));
    check(outputs.length > 0, 'nothing comes out: give the suite inputs that pass');
    const count = inputs().length;
    let last = 0;
    outputs.forEach(({ cursor }, i) => {
      const at = Upstream.indexOf(cursor);
      check(
        at !== undefined && at < count,
        () => `output ${i} carries the cursor ${show(cursor)}, which no input had`,
      );
      check(at >= last, () => `output ${i} carries a cursor from before the one before it`);
      last = at;
    });
  });

  suite.test('cursors', 'resume', async () => {
    if (stateful) skip('stateful');
    const wanted = await drain((await create())(new Upstream(inputs())));
    for (const i of spread(wanted.length, 30)) {
      const { cursor } = wanted[i];
      if (i + 1 < wanted.length && deepEqual(cursor, wanted[i + 1].cursor)) continue;
      const after = (Upstream.indexOf(cursor) ?? 0) + 1;
      const rest = await drain((await create())(new Upstream(inputs(), { from: after })));
      checkValues(`resumed after output ${i}`, rest, wanted.slice(i + 1), equal);
    }
  });
}

function flowTests<A, B>(
  suite: Suite,
  create: Create<A, B>,
  inputs: () => readonly A[],
  { ahead = 0, equal = deepEqual }: StageSuiteOptions<A, B>,
): void {
  suite.test('flow', 'pulls no further ahead than stated', async () => {
    const rounds = Math.ceil((ahead + 100) / inputs().length);
    const many = Array.from({ length: rounds }, inputs).flat();
    const upstream = new Upstream(many);
    const outputs = (await create())(upstream)[Symbol.asyncIterator]();
    await pause();
    check(
      upstream.pulled <= ahead,
      () => `${upstream.pulled} items are pulled before any is asked for; ${ahead} are stated`,
    );
    for (let i = 0; ; i++) {
      const next = await settled('next()', outputs.next());
      if (next.done) break;
      if (i < 50) await pause();
      const given = (Upstream.indexOf(next.value.cursor) ?? 0) + 1;
      check(
        upstream.pulled <= given + ahead,
        () =>
          `${upstream.pulled} items are pulled when number ${given} is given; ${ahead} ahead are stated`,
      );
    }
  });

  suite.test('flow', 'ends when nothing comes', async () => {
    await drain((await create())(new Upstream<A>([])));
  });

  suite.test('flow', 'the same input gives the same output', async () => {
    const stage = await create();
    const first = await drain(stage(new Upstream(inputs())));
    checkValues('a second use', await drain(stage(new Upstream(inputs()))), first, equal);
    const fresh = await drain((await create())(new Upstream(inputs())));
    checkValues('a second stage', fresh, first, equal);
  });

  suite.test('flow', 'leaves its input alone', async () => {
    const values = inputs();
    await drain((await create())(new Upstream(values)));
    check(deepEqual(values, inputs()), 'the stage changed the values that went in');
  });
}

function endingTests<A, B>(suite: Suite, create: Create<A, B>, inputs: () => readonly A[]): void {
  suite.test('ending', 'errors come through', async () => {
    for (const failAt of [0, 1, inputs().length]) {
      const failure = new Error('the upstream failed on purpose');
      const upstream = new Upstream(inputs(), { failAt, failure });
      let caught: unknown;
      try {
        await drain((await create())(upstream));
      } catch (error) {
        caught = error;
      }
      check(caught !== undefined, `an error after ${failAt} items was swallowed`);
      check(
        caught === failure || (caught instanceof Error && caught.cause === failure),
        () => `an error after ${failAt} items came through as ${String(caught)} without its cause`,
      );
    }
  });

  suite.test('ending', 'closes its upstream when stopped early', async () => {
    const upstream = new Upstream([...inputs(), ...inputs(), ...inputs()]);
    const outputs = (await create())(upstream)[Symbol.asyncIterator]();
    const first = await settled('next()', outputs.next());
    check(first.done !== true, 'nothing comes out: give the suite inputs that pass');
    check(outputs.return !== undefined, 'its iterator has no return(), so nobody can close it');
    await settled('return()', outputs.return());
    check(upstream.open === 0, 'the upstream is still open after return()');
    const next = await settled('next() after return()', outputs.next());
    check(next.done === true, 'it goes on after return()');
  });

  suite.test('ending', 'leaves nothing open when stopped before the first item', async () => {
    const upstream = new Upstream(inputs());
    const outputs = (await create())(upstream)[Symbol.asyncIterator]();
    await settled('return()', Promise.resolve(outputs.return?.()));
    check(upstream.open === 0, 'the upstream is still open after return()');
  });
}

/** A function that gives untouched inputs at each call. */
function fresh<A>(inputs: StageSuiteOptions<A, unknown>['inputs']): () => readonly A[] {
  if (typeof inputs === 'function') return inputs;
  const snapshot = structuredClone(inputs);
  return () => structuredClone(snapshot);
}

/** Registers the conformance tests of `Stage`: cursors, bounded look-ahead, errors, closing. */
export function stageSuite<A, B>(options: StageSuiteOptions<A, B>): void {
  const { runner, create, waivers } = options;
  const inputs = fresh(options.inputs);
  const suite = new Suite();
  cursorTests(suite, create, inputs, options);
  flowTests(suite, create, inputs, options);
  endingTests(suite, create, inputs);
  suite.register('stage', runner, waivers);
}
