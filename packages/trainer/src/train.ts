import { type Context, fold, type Item, type Params, rngKey, type Tensor } from '@heddle/core';
import {
  add,
  autocast,
  clipScale,
  concat,
  div,
  globalNorm,
  keep,
  maximum,
  mul,
  reshape,
  scope,
  scoped,
  tensor,
  valueAndGrad,
} from '@heddle/tensor';
import { type Settings, type TrainOptions, type TrainResult, withDefaults } from './options.js';
import { TrainingRun } from './run.js';

/**
 * Trains: for each step, sums losses, counts and gradients over the micro-batches, divides by the
 * total count, clips, and lets the optimizer update the parameters in place. On one backend the
 * same options give the same bits, also if the run is killed and resumed (but for a time budget,
 * whose schedule follows the clock).
 *
 * @throws `trainer/non-finite-loss` (the parameters are then those from before that step),
 * `trainer/run-exists`, `trainer/resume-mismatch`, `trainer/version`, `invalid-argument`, `io`, `bad-file`
 */
export async function train<Batch>(options: TrainOptions<Batch>): Promise<TrainResult> {
  const settings = withDefaults(options);
  const { data, backend, schedule, accumulate, collective, clock } = settings;
  const run = await TrainingRun.open(settings);
  const { rank, worldSize } = collective;
  const batches = data.read({ rank, worldSize, after: run.cursor })[Symbol.asyncIterator]();
  let scale: Tensor | undefined; // of the last update; see takeStep
  let done = false;
  try {
    await run.start();
    while (run.reason === undefined) {
      const started = clock();
      const items = await take(batches, accumulate);
      if (items.length === 0) {
        run.stop('the data ended');
        break;
      }
      const step = run.step + 1;
      const lr = schedule(step, run.totalSteps);
      const update = takeStep(settings, run, items, { step, lr }, scale);
      scale?.dispose();
      scale = update.scale;
      if (options.seconds !== undefined) await backend.sync(); // or the clock would not see the work
      const event = { step, lr, count: update.count, seconds: clock() - started };
      await run.stepped(event, update.report, items[items.length - 1].cursor);
      await new Promise(setImmediate); // lets signals and timers in
    }
    const result = await run.finish(run.reason!);
    done = true;
    return result;
  } catch (error) {
    // The first error is what went wrong; one of a callback that is told of it would hide it.
    await run.end((error as Error).message).catch(() => undefined);
    throw error;
  } finally {
    await batches.return?.();
    scale?.dispose();
    run.dispose(done);
  }
}

/** One update from the gradients of all micro-batches. Only enqueues: nothing waits for the device. */
function takeStep<Batch>(
  settings: Settings<Batch>,
  run: TrainingRun,
  items: readonly Item<Batch>[],
  at: { readonly step: number; readonly lr: number },
  previous: Tensor | undefined,
): { scale: Tensor; report: Tensor; count: number } {
  using _ = scope();
  const { backend, optimizer, collective, clip = Infinity, seed } = settings;
  const key = fold(fold(fold(rngKey(seed), 'step'), at.step), collective.rank);
  let sum: Tensor = tensor(backend, 0);
  let grads: Params | undefined;
  let counted = 0;
  items.forEach(({ value }, i) => {
    const context = { backend, train: true, key: fold(key, i) };
    const part = lossAndGrads(settings, run, value, context);
    sum = add(sum, part.loss);
    grads = grads ? addParams(grads, part.grads) : part.grads;
    counted += part.count;
  });
  const count = tensor(backend, counted);
  collective.allReduce([sum, count, ...Object.values(grads!)]);

  // Of the mean loss: the sums are divided by the count, and clipped, in one factor.
  const perItem = div(1, maximum(count, 1));
  const gradNorm = mul(globalNorm(grads!), perItem); // []
  const clipped = clip === Infinity ? perItem : mul(clipScale(gradNorm, clip), perItem);
  // NaN once a loss, a gradient or an earlier scale is not finite: from then on nothing changes, until
  // the numbers are read back and the run stops.
  const poison = previous ? add(add(sum, gradNorm), previous) : add(sum, gradNorm);
  const scale = keep(add(clipped, mul(poison, 0)));
  optimizer.update(run.trainable, grads!, run.state, { ...at, scale });
  const report = keep(
    concat(
      [sum, maximum(count, 1), gradNorm].map((x) => reshape(x, [1])),
      0,
    ),
  );
  return { scale, report, count: counted };
}

/** Forward and backward pass of one micro-batch: the sum of its losses, their count, the gradients of the sum. */
function lossAndGrads<Batch>(
  { objective, precision }: Settings<Batch>,
  { params, trainable }: TrainingRun,
  batch: Batch,
  context: Context,
): { loss: Tensor; grads: Params; count: number } {
  return scoped(() => {
    let count = 0;
    const { value, grads } = valueAndGrad((p: Params) => {
      const loss = autocast(precision, () => objective.loss({ ...params, ...p }, batch, context));
      count = loss.count;
      return loss.sum;
    })(trainable);
    return { loss: value, grads, count };
  });
}

/** The sums of gradients, which takes the place of both: memory does not grow with the micro-batches. */
function addParams(a: Params, b: Params): Params {
  return Object.fromEntries(
    Object.entries(a).map(([name, t]) => {
      const total = add(t, b[name]);
      t.dispose();
      b[name].dispose();
      return [name, total];
    }),
  );
}

/** The next `count` items, or fewer at the end. */
async function take<T>(items: AsyncIterator<Item<T>>, count: number): Promise<Item<T>[]> {
  const taken: Item<T>[] = [];
  while (taken.length < count) {
    const next = await items.next();
    if (next.done) break;
    taken.push(next.value);
  }
  return taken;
}
