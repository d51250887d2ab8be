import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  type Awaitable,
  type Backend,
  type DeviceBuffer,
  HeddleError,
  type Op,
  type TypedArray,
  type ValueDriver,
  valueBackend,
} from '../src/index.js';

interface Value {
  readonly data: TypedArray;
}

/** Adds and negates; with `delay`, results are promises that come late, later ones sooner. */
function driver(options: { delay?: boolean; fail?: boolean } = {}) {
  const alive = new Set<Value>();
  let late = 20;
  const make = (data: TypedArray): Value => {
    const value = { data };
    alive.add(value);
    return value;
  };
  const eventually = <R>(compute: () => R): Awaitable<R> => {
    if (!options.delay) return compute();
    late = Math.max(0, late - 5);
    return wait(late).then(compute);
  };
  const self: ValueDriver<Value> = {
    name: 'values',
    dtypes: ['f32', 'i32'],
    limits: { maxElements: 1000, maxInteger: 2 ** 24 },
    upload: (data) => eventually(() => make(data)),
    download: (value) => value.data.slice(),
    dispose(value) {
      if (!alive.delete(value)) throw new Error('disposed of twice');
    },
    supports: (op) => op.kind === 'add' || op.kind === 'neg',
    run: (op, inputs) =>
      eventually(() => {
        for (const { value } of inputs) if (!alive.has(value)) throw new Error('a dead value');
        if (options.fail && op.kind === 'neg') throw new Error('the shader is wrong');
        const [a, b] = inputs.map(({ value }) => value.data);
        return [make(a.map((x, i) => (op.kind === 'add' ? x + b[i] : -x)))];
      }),
  };
  return { driver: self, alive };
}

const ADD: Op = { kind: 'add' };
const NEG: Op = { kind: 'neg' };

function vector(backend: Backend, ...numbers: number[]): DeviceBuffer {
  const buffer = backend.alloc(numbers.length, 'f32');
  backend.write(buffer, Float32Array.from(numbers));
  return buffer;
}

function run(backend: Backend, op: Op, inputs: DeviceBuffer[], output: DeviceBuffer): void {
  const view = (buffer: DeviceBuffer) => ({ buffer, shape: [buffer.size] });
  backend.run(op, inputs.map(view), [view(output)]);
}

describe.each([false, true])('valueBackend with results that come late: %s', (delay) => {
  it('works in place, in the order of the calls, and leaves nothing alive', async () => {
    const { driver: d, alive } = driver({ delay });
    const backend = valueBackend(d);
    const x = vector(backend, 1, 2);
    const before = backend.alloc(2, 'f32');
    run(backend, ADD, [x, x], before);
    backend.write(x, Float32Array.of(10, 20));
    run(backend, ADD, [x, before], x);
    const pending = backend.read(x);
    backend.write(x, Float32Array.of(7, 7));
    backend.free(before);
    expect([...(await pending)]).toEqual([12, 24]);
    expect([...(await backend.read(x))]).toEqual([7, 7]);
    backend.free(x);
    await backend.sync();
    expect(alive.size).toBe(0);
    expect(backend.memory()).toEqual({ live: 0, peak: 16 });
  });

  it('gives everything back when it is disposed of in the middle', async () => {
    const { driver: d, alive } = driver({ delay });
    const backend = valueBackend(d);
    const x = vector(backend, 1, 2);
    for (let i = 0; i < 5; i++) run(backend, ADD, [x, x], x);
    await backend[Symbol.asyncDispose]();
    expect(alive.size).toBe(0);
    expect(() => backend.free(x)).toThrowError(/after the backend was disposed/);
  });

  it('refuses what is over the limits of the device', () => {
    const backend = valueBackend(driver({ delay }).driver);
    const refused = (action: () => unknown, limit: string): void => {
      let error: unknown;
      try {
        action();
      } catch (thrown) {
        error = thrown;
      }
      if (!HeddleError.is(error, 'device-limit')) throw new Error(`not refused: ${error}`);
      expect(error.details.limit).toBe(limit);
    };
    refused(() => backend.alloc(1001, 'f32'), 'maxElements');
    const ids = backend.alloc(1, 'i32');
    refused(() => backend.write(ids, Int32Array.of(2 ** 24 + 1)), 'maxInteger');
    backend.write(ids, Int32Array.of(-(2 ** 24)));
  });
});

describe('failures of a valueBackend', () => {
  it('are thrown at once where results come at once, and change nothing', async () => {
    const backend = valueBackend(driver({ fail: true }).driver);
    const x = vector(backend, 1, 2);
    expect(() => run(backend, NEG, [x], x)).toThrowError(/"neg" failed .* the shader is wrong/);
    expect([...(await backend.read(x))]).toEqual([1, 2]);
    await backend.sync();
  });

  it('surface where the result is read, where what was made of it is read, and once at sync', async () => {
    const { driver: d, alive } = driver({ fail: true, delay: true });
    const backend = valueBackend(d);
    const x = vector(backend, 1, 2);
    const y = backend.alloc(2, 'f32');
    const z = backend.alloc(2, 'f32');
    run(backend, NEG, [x], y);
    run(backend, ADD, [x, y], z);
    await expect(backend.read(z)).rejects.toMatchObject({
      code: 'kernel-failed',
      details: { backend: 'values', op: 'neg' },
    });
    await expect(backend.read(y)).rejects.toMatchObject({ code: 'kernel-failed' });
    expect([...(await backend.read(x))]).toEqual([1, 2]);
    await expect(backend.sync()).rejects.toMatchObject({ details: { op: 'neg' } });
    await backend.sync();
    run(backend, ADD, [x, x], y); // the place can be used again
    expect([...(await backend.read(y))]).toEqual([2, 4]);
    for (const buffer of [x, y, z]) backend.free(buffer);
    await backend.sync();
    expect(alive.size).toBe(0);
  });

  it('that nobody reads do not end the process', async () => {
    const backend = valueBackend(driver({ fail: true, delay: true }).driver);
    const x = vector(backend, 1, 2);
    run(backend, NEG, [x], x);
    await backend[Symbol.asyncDispose]();
  });
});
