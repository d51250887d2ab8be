import { describe, expect, it } from 'vitest';
import {
  type Backend,
  CONTRACT,
  type DeviceBuffer,
  formatProfile,
  HeddleError,
  type Op,
  Profiler,
  profiled,
  type View,
} from '../src/index.js';

/** A backend whose operations do nothing but let the clock go on, by as many milliseconds as they have outputs' elements. */
function clockwork() {
  const clock = { at: 100 };
  const log: string[] = [];
  const backend: Backend = {
    contract: CONTRACT,
    name: 'clockwork',
    dtypes: ['f32'],
    alloc: (size, dtype) => ({ size, dtype }),
    write: () => void log.push('write'),
    read: async () => Float32Array.of(42),
    free: () => void log.push('free'),
    supports: (op) => op.kind === 'add',
    run(op, _inputs, [{ buffer }]) {
      if (op.kind === 'erf') throw new HeddleError('unsupported-op', 'no', { backend: '', op: '' });
      clock.at += buffer.size;
    },
    sync: async () => void log.push('sync'),
    memory: () => ({ live: 1, peak: 2 }),
    [Symbol.asyncDispose]: async () => void log.push('dispose'),
  };
  return { backend, clock, log };
}

const add: Op = { kind: 'add' };
const product: Op = { kind: 'matmul', transposeA: false, transposeB: true, precision: 'bf16' };
const view = (buffer: DeviceBuffer, ...shape: number[]): View => ({ buffer, shape });

function run(maxEvents?: number) {
  const { backend, clock, log } = clockwork();
  const profiler = new Profiler({ maxEvents, now: () => clock.at });
  const timed = profiled(backend, profiler);
  const [x, y] = [timed.alloc(6, 'f32'), timed.alloc(4, 'f32')];
  clock.at += 50;
  timed.run(product, [view(x, 2, 3), view(x, 2, 3)], [view(y, 2, 2)]);
  clock.at += 7; // between operations
  timed.run(add, [view(x, 6), view(x, 6)], [view(x, 6)]);
  timed.run(add, [view(x, 6), view(x, 6)], [view(x, 6)]);
  return { timed, profiler, x, log };
}

describe('Profiler', () => {
  it('adds up time, work and traffic by kind and layout, the longest first', () => {
    const { profiler } = run();
    expect(profiler.rows()).toEqual([
      { name: 'add', calls: 2, milliseconds: 12, flops: 12, bytes: 2 * 4 * 12 },
      { name: 'matmul NT bf16', calls: 1, milliseconds: 4, flops: 24, bytes: 4 * (6 + 4) },
    ]);
    expect(profiler.elapsed).toBe(4 + 7 + 12);
  });

  it('writes events of the trace format: microseconds from when it was made', () => {
    const { profiler } = run();
    const { traceEvents } = JSON.parse(profiler.trace('cpu'));
    expect(traceEvents[0]).toMatchObject({ ph: 'M', name: 'process_name', args: { name: 'cpu' } });
    expect(traceEvents.slice(1, 3)).toEqual([
      {
        name: 'matmul NT bf16',
        cat: 'matmul',
        ph: 'X',
        pid: 1,
        tid: 1,
        ts: 50_000,
        dur: 4000,
        args: {
          inputs: ['f32[2, 3]', 'f32[2, 3]'],
          outputs: ['f32[2, 2]'],
          flops: 24,
          bytes: 40,
        },
      },
      expect.objectContaining({ name: 'add', ts: 61_000, dur: 6000 }),
    ]);
    expect(traceEvents).toHaveLength(4);
  });

  it('keeps no more events than it may, says so, and goes on counting', () => {
    const { profiler } = run(1);
    const trace = JSON.parse(profiler.trace());
    expect(trace.traceEvents.map(({ ph }: { ph: string }) => ph)).toEqual(['M', 'X']);
    expect(trace.otherData.notice).toContain('2 later operations');
    expect(profiler.dropped).toBe(2);
    expect(profiler.rows()[0].calls).toBe(2);
    expect(() => new Profiler({ maxEvents: -1 })).toThrow('maxEvents');
  });

  it('does not count an operation that failed', () => {
    const { timed, profiler, x } = run();
    expect(() => timed.run({ kind: 'erf' }, [view(x, 6)], [view(x, 6)])).toThrow('no');
    expect(profiler.rows().map(({ name }) => name)).toEqual(['add', 'matmul NT bf16']);
  });

  it('leaves everything else of a backend as it was', async () => {
    const { timed, x, log } = run();
    expect([timed.contract, timed.name, timed.dtypes]).toEqual([CONTRACT, 'clockwork', ['f32']]);
    expect([timed.supports(add, 'f32'), timed.supports(product, 'f32')]).toEqual([true, false]);
    expect(await timed.read(x)).toEqual(Float32Array.of(42));
    expect(timed.memory()).toEqual({ live: 1, peak: 2 });
    timed.write(x, new Float32Array(6));
    timed.free(x);
    await timed.sync();
    await timed[Symbol.asyncDispose]();
    expect(log).toEqual(['write', 'free', 'sync', 'dispose']);
  });
});

describe('formatProfile', () => {
  it('makes a table with rates and shares', () => {
    const table = formatProfile(run().profiler);
    expect(table.split('\n')).toEqual([
      'operation       calls    ms  share  GFLOP/s  GB/s',
      '--------------  -----  ----  -----  -------  ----',
      'add                 2  12.0  75.0%      0.0   0.0',
      'matmul NT bf16      1   4.0  25.0%      0.0   0.0',
      'all                 3  16.0',
      '',
      '0.02 s (69.6%) of 0.02 s from first to last went to operations.',
    ]);
  });

  it('stays within 80 columns after a long training', () => {
    const clock = { at: 0 };
    const profiler = new Profiler({ maxEvents: 0, now: () => clock.at });
    const long: Op = {
      kind: 'activationLinearBackward',
      transposeWeight: false,
      activation: 'geluTanh',
      precision: 'bf16',
    };
    const [x, w] = [1000, 1000].map((n) => ({
      buffer: { dtype: 'f32' as const, size: n * n },
      shape: [n, n],
    }));
    for (let i = 0; i < 20; i++) {
      clock.at += 5_000_000;
      profiler.record(long, [x, w, x], [x], clock.at - 5_000_000);
    }
    const table = formatProfile(profiler);
    expect(table).toContain('100000000.0');
    expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('has no rates before the first operation', () => {
    expect(formatProfile(new Profiler())).toContain('all');
  });
});
