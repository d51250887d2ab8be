import { setTimeout as wait } from 'node:timers/promises';
import type {
  Callback,
  Collective,
  MetricsEvent,
  Objective,
  StepEvent,
  Tensor,
} from '@heddle/core';
import { cpu } from '@heddle/cpu';
import { adamw, add, mul, sgd, sqrt, sum, tensor } from '@heddle/tensor';
import { afterAll, describe, expect, it } from 'vitest';
import { constant, cosine, earlyStopping, type TrainOptions, train } from '../src/index.js';
import golden from './golden/run.json' with { type: 'json' };
import {
  disposeAll,
  readAll,
  type TinyBatch,
  tinyBatch,
  tinyLoss,
  tinyModel,
  tinyObjective,
  tinySource,
} from './tiny.js';

const backend = cpu();
afterAll(() => backend[Symbol.asyncDispose]());

const base = {
  backend,
  model: tinyModel,
  objective: tinyObjective(),
  data: tinySource(),
  optimizer: adamw(),
  schedule: constant({ lr: 0.02 }),
  seed: 1,
} satisfies Partial<TrainOptions<TinyBatch>>;

/** Keeps what a run reported. */
function recorder(): Callback & { steps: StepEvent[]; metrics: MetricsEvent[]; reasons: string[] } {
  const steps: StepEvent[] = [];
  const metrics: MetricsEvent[] = [];
  const reasons: string[] = [];
  return {
    name: 'recorder',
    steps,
    metrics,
    reasons,
    onStep: (event) => void steps.push(event),
    onMetrics: (event) => void metrics.push(event),
    onEnd: (reason) => void reasons.push(reason),
  };
}

describe('the numbers', () => {
  it('in mixed precision come close to those of f32, but are not the same', async () => {
    const losses = async (options: Partial<TrainOptions<TinyBatch>>): Promise<number[]> => {
      const log = recorder();
      const settings = { ...base, ...options, steps: 20, logEvery: 1, callbacks: [log] };
      const { params } = await train(settings);
      disposeAll(params);
      return log.metrics
        .filter(({ split }) => split === 'train')
        .map(({ metrics }) => metrics.loss);
    };
    const exact = await losses({});
    const mixed = await losses({ precision: 'bf16' });
    const kept = await losses({ precision: 'bf16', keepPrecision: () => true });
    expect(mixed).toHaveLength(20);
    expect(kept).toEqual(exact);
    expect(mixed).not.toEqual(exact);
    mixed.forEach((loss, i) => {
      expect(Math.abs(loss - exact[i])).toBeLessThan(0.01 * exact[i]);
    });
  });

  it('are those of torch: ten AdamW steps, uneven micro-batches, clipping, warm-up and cosine', async () => {
    const params = Object.fromEntries(
      Object.entries(golden.start).map(([name, values]) => [name, tensor(backend, values)]),
    );
    const log = recorder();
    const result = await train({
      ...base,
      params,
      data: tinySource({
        batch: (i) => ({
          inputs: Float32Array.from(golden.batches[i].inputs),
          labels: Int32Array.from(golden.batches[i].labels),
        }),
        length: golden.batches.length,
      }),
      optimizer: adamw({ beta1: 0.9, beta2: 0.95, weightDecay: 0.1 }),
      schedule: cosine({ lr: golden.lr, warmup: golden.warmup }),
      accumulate: 3,
      clip: golden.clip,
      steps: golden.steps,
      callbacks: [log],
    });
    expect(result.params).toBe(params);
    golden.losses.forEach((loss, i) => {
      expect(log.metrics[i].metrics.loss / loss).toBeCloseTo(1, 5);
      expect(log.metrics[i].metrics.gradNorm / golden.norms[i]).toBeCloseTo(1, 4);
    });
    for (const [name, values] of Object.entries(await readAll(params)))
      values.forEach((v, i) => {
        expect(v, name).toBeCloseTo(
          (golden.end as Record<string, number[][] | number[]>)[name].flat()[i],
          5,
        );
      });
    disposeAll(params);
  });

  it('four micro-batches of unequal size are one big batch', async () => {
    const rows = [1, 7, 4, 2];
    const micro = (i: number): TinyBatch => tinyBatch(i, rows[i % 4]);
    const merged = (i: number): TinyBatch => {
      const parts = rows.map((_, k) => micro(4 * i + k));
      return {
        inputs: Float32Array.from(parts.flatMap((p) => [...p.inputs])),
        labels: Int32Array.from(parts.flatMap((p) => [...p.labels])),
      };
    };
    const options = { ...base, optimizer: sgd({ momentum: 0.9 }), clip: 0.5, steps: 8 };
    const split = await train({ ...options, data: tinySource({ batch: micro }), accumulate: 4 });
    const whole = await train({ ...options, data: tinySource({ batch: merged }) });
    expect(split.metrics.train.loss).toBeCloseTo(whole.metrics.train.loss, 6);
    const [a, b] = [await readAll(split.params), await readAll(whole.params)];
    for (const name of Object.keys(a))
      a[name].forEach((v, i) => {
        expect(Math.abs(v - b[name][i]), name).toBeLessThan(1e-6);
      });
    disposeAll(split.params);
    disposeAll(whole.params);
  });

  it('two ranks with the same data are one rank: sums and counts are added, then divided', async () => {
    const doubled: Collective = {
      rank: 0,
      worldSize: 2,
      allReduce(tensors) {
        for (const t of tensors) double(t);
      },
      broadcast() {},
      async barrier() {},
    };
    const one = await train({ ...base, steps: 5, clip: 1 });
    const two = await train({ ...base, steps: 5, clip: 1, collective: doubled });
    expect(await readAll(two.params)).toEqual(await readAll(one.params));
    disposeAll(one.params);
    disposeAll(two.params);
  });

  it('learns', async () => {
    const result = await train({
      ...base,
      steps: 300,
      evaluate: async (params) => ({ loss: await tinyLoss(params, backend) }),
    });
    expect(result.metrics.validation.loss).toBeLessThan(0.6); // log 3 = 1.10 at the start
    disposeAll(result.params);
  });

  it('do not depend on how often losses are read back', async () => {
    const logs = [1, 7, 1000].map(() => recorder());
    const ends: unknown[] = [];
    for (const [i, logEvery] of [1, 7, 1000].entries()) {
      const { params } = await train({ ...base, steps: 30, logEvery, callbacks: [logs[i]] });
      ends.push(await readAll(params));
      disposeAll(params);
    }
    expect(ends[1]).toEqual(ends[0]);
    expect(ends[2]).toEqual(ends[0]);
    expect(logs[0].metrics).toHaveLength(30);
    expect(logs[1].metrics).toEqual(logs[0].metrics);
    expect(logs[2].metrics).toEqual(logs[0].metrics);
  });
});

function double(t: Tensor): void {
  const twice = mul(t, 2);
  // In place, as a collective does it.
  backend.run({ kind: 'broadcast' }, [viewOf(twice)], [viewOf(t)]);
  twice.dispose();
}

function viewOf(t: Tensor): { buffer: never; shape: readonly number[] } {
  return (t as unknown as { view: { buffer: never; shape: readonly number[] } }).view;
}

it('trains only what the filter names', async () => {
  const params = tinyModel.init([0, 0], backend);
  const before = await readAll(params);
  await train({ ...base, params, steps: 3, trainable: (name) => name.endsWith('2') });
  const after = await readAll(params);
  expect([after.w1, after.b1]).toEqual([before.w1, before.b1]);
  expect(after.w2).not.toEqual(before.w2);
  expect(after.b2).not.toEqual(before.b2);
  disposeAll(params);
});

describe('a loss that is not finite', () => {
  const k = 6; // batch 6 is that of step 7
  const marked = tinySource({
    batch(i) {
      const batch = tinyBatch(i);
      if (i === k) batch.inputs[3] = Number.NaN;
      return batch;
    },
  });
  /** Finite at the marked batch, but for its gradient: the derivative of the root at 0. */
  const steep: Objective<TinyBatch> = {
    name: 'tiny',
    loss(params, batch, context) {
      if (!Number.isNaN(batch.inputs[3])) return tinyObjective().loss(params, batch, context);
      const inputs = batch.inputs.map((x) => (Number.isNaN(x) ? 0 : x));
      const { sum: total, count } = tinyObjective().loss(params, { ...batch, inputs }, context);
      return { sum: add(total, sqrt(mul(sum(params.b1), 0))), count };
    },
  };
  it.each([
    ['loss', 1, tinyObjective()],
    ['loss', 100, tinyObjective()],
    ['gradient', 1, steep],
    ['gradient', 100, steep],
  ])(
    '(%s, read back every %d steps) leaves the parameters of the step before',
    async (what, logEvery, objective) => {
      const params = tinyModel.init([0, 0], backend);
      const options = { ...base, params, optimizer: adamw() };
      await train({ ...options, steps: k });
      const expected = await readAll(params);
      disposeAll(params);

      const again = tinyModel.init([0, 0], backend);
      const failing = train({
        ...options,
        params: again,
        data: marked,
        objective,
        steps: 20,
        logEvery,
      });
      await expect(failing).rejects.toMatchObject({
        code: 'trainer/non-finite-loss',
        details: { step: k + 1, cursor: k, after: k - 1, checkpoint: undefined },
        message: expect.stringMatching(new RegExp(`Step 7: the ${what}.*cursor 6.*of step 6`)),
      });
      expect(await readAll(again)).toEqual(expected);
      disposeAll(again);
    },
  );
});

describe('the end', () => {
  it('comes after `steps`, with every callback told why', async () => {
    const log = recorder();
    const { params, step, reason } = await train({ ...base, steps: 4, callbacks: [log] });
    expect([step, reason, log.steps.length, log.reasons]).toEqual([4, 'finished', 4, ['finished']]);
    expect(log.steps.map((s) => s.count)).toEqual([6, 6, 6, 6]);
    disposeAll(params);
  });

  it('comes with the data, whose last micro-batches still count', async () => {
    const result = await train({
      ...base,
      data: tinySource({ length: 7 }),
      accumulate: 3,
      steps: 100,
    });
    expect([result.step, result.reason]).toEqual([3, 'the data ended']);
    disposeAll(result.params);
  });

  it('comes after `seconds` by the clock, and the schedule follows the part that is used', async () => {
    let now = 100;
    const log = recorder();
    const { params, step } = await train({
      ...base,
      schedule: cosine({ lr: 1e-3, warmup: 0.5 }),
      seconds: 8,
      clock: () => now,
      callbacks: [
        {
          name: 'tick',
          onStep: () => {
            now += 1;
          },
        },
        log,
      ],
    });
    expect(step).toBe(8);
    expect(log.steps.map((s) => Math.round(s.lr * 1e6))).toEqual([
      0, 250, 500, 750, 1000, 854, 500, 146,
    ]);
    disposeAll(params);
  });

  it('comes on a signal, after the current step', async () => {
    const controller = new AbortController();
    const running = train({
      ...base,
      data: tinySource({ wait: 1 }),
      steps: 1e6,
      signal: controller.signal,
    });
    await wait(60);
    controller.abort();
    const { params, step, reason } = await running;
    expect(reason).toBe('interrupted');
    expect(step).toBeGreaterThan(0);
    disposeAll(params);
  });

  it('comes when a metric no longer improves', async () => {
    const losses = [5, 4, 4.5, 3, 3, 3.2, 2];
    const options = {
      ...base,
      steps: 100,
      evaluateEvery: 2,
      evaluate: (_: unknown, { step }: { step: number }) => ({ loss: losses[step / 2 - 1] }),
    };
    const stopped = await train({ ...options, callbacks: [earlyStopping({ patience: 2 })] });
    expect(stopped.step).toBe(12);
    expect(stopped.reason).toBe('validation loss has not improved for 2 evaluations');
    disposeAll(stopped.params);
    const rising = await train({
      ...options,
      callbacks: [earlyStopping({ patience: 1, mode: 'max' })],
    });
    expect(rising.step).toBe(4);
    disposeAll(rising.params);
  });

  it('comes with an error of a part; callbacks are told, the source is closed, nothing leaks', async () => {
    const live = backend.memory().live;
    const log = recorder();
    let closed = false;
    const failing = train({
      ...base,
      steps: 10,
      data: {
        name: 'tiny',
        async *read(at) {
          try {
            yield* tinySource().read(at);
          } finally {
            closed = true;
          }
        },
      },
      callbacks: [
        log,
        {
          name: 'broken',
          onStep({ step }) {
            if (step === 3) throw new Error('no more');
          },
        },
      ],
    });
    await expect(failing).rejects.toThrow('no more');
    expect([log.reasons, closed]).toEqual([['no more'], true]);
    expect(backend.memory().live).toBe(live);
  });
});

it.each([
  [{}, 'steps'],
  [{ steps: 0 }, 'steps'],
  [{ steps: 1.5 }, 'steps'],
  [{ seconds: -1 }, 'seconds'],
  [{ steps: 1, accumulate: 0 }, 'accumulate'],
  [{ steps: 1, clip: Number.NaN }, 'clip'],
  [{ steps: 1, seed: 0.5 }, 'seed'],
  [{ steps: 1, model: undefined }, 'model'],
  [{ steps: 1, files: { '../x.json': 1 } }, 'files'],
  [{ steps: 1, files: { 'state.json': 1 } }, 'files'],
])('refuses %j', async (change, argument) => {
  await expect(train({ ...base, ...change })).rejects.toMatchObject({
    code: 'invalid-argument',
    details: { argument },
  });
});

it('1,000 steps: as many live bytes as after the first', async () => {
  const before = backend.memory().live;
  const live: number[] = [];
  const resident: number[] = [];
  const result = await train({
    ...base,
    objective: tinyObjective(0.1),
    steps: 1000,
    accumulate: 2,
    clip: 1,
    logEvery: 10,
    callbacks: [
      {
        name: 'memory',
        onStep({ step }) {
          if (step % 10 === 0) live.push(backend.memory().live);
          if (step % 500 === 0) resident.push(process.memoryUsage().rss);
        },
      },
    ],
  });
  expect(new Set(live).size).toBe(1);
  expect(resident[1] - resident[0]).toBeLessThan(64 * 1024 * 1024);
  disposeAll(result.params);
  expect(backend.memory().live).toBe(before);
});

it('needs no more memory for more micro-batches', async () => {
  const peaks: number[] = [];
  for (const accumulate of [2, 12]) {
    const own = cpu();
    const { params } = await train({ ...base, backend: own, steps: 2, accumulate, clip: 1 });
    peaks.push(own.memory().peak);
    disposeAll(params);
    await own[Symbol.asyncDispose]();
  }
  expect(peaks[1] - peaks[0]).toBeLessThan(12 * 16); // but for some scalars
});
