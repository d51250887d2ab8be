import { check, equal, show } from '../assert.js';
import type { Suite } from '../runner.js';
import { ADD, apply, vector, type WithBackend } from './fixture.js';

/** Everything happens in the order of the calls, whenever it is waited for. */
export function orderingTests(suite: Suite, fresh: WithBackend): void {
  const test = (name: string, body: Parameters<WithBackend>[0]): void =>
    suite.test('order', name, fresh(body));

  test('a write after an enqueued use does not reach back', async (backend) => {
    const x = vector(backend, [1, 2]);
    const before = backend.alloc(2, 'f32');
    const after = backend.alloc(2, 'f32');
    apply(backend, ADD, [x, x], before);
    backend.write(x, Float32Array.of(10, 20));
    apply(backend, ADD, [x, x], after);
    const got = [...(await backend.read(before)), ...(await backend.read(after))];
    check(equal(got, [2, 4, 20, 40]), () => `2, 4, 20, 40 expected, got ${show(got)}`);
  });

  test('a read sees the work before it and not the work after it', async (backend) => {
    const x = vector(backend, [1, 2]);
    apply(backend, ADD, [x, x], x);
    const first = backend.read(x);
    backend.write(x, Float32Array.of(5, 6));
    const second = backend.read(x);
    apply(backend, ADD, [x, x], x);
    const third = backend.read(x);
    const got = (await Promise.all([first, second, third])).map((array) => [...array]);
    const wanted = [
      [2, 4],
      [5, 6],
      [10, 12],
    ];
    check(equal(got, wanted), () => `${show(wanted)} expected, got ${show(got)}`);
  });

  test('a buffer may be freed right after its last use', async (backend) => {
    const x = vector(backend, [1, 2, 3, 4]);
    const sum = backend.alloc(4, 'f32');
    apply(backend, ADD, [x, x], sum);
    backend.free(x);
    const other = vector(backend, [70, 80, 90, 100]);
    const pending = backend.read(sum);
    backend.free(sum);
    const another = vector(backend, [7, 8, 9, 10]);
    const got = [...(await pending)];
    check(equal(got, [2, 4, 6, 8]), () => `2, 4, 6, 8 expected, got ${show(got)}`);
    check(equal([...(await backend.read(other))], [70, 80, 90, 100]), 'a new buffer was changed');
    check(equal([...(await backend.read(another))], [7, 8, 9, 10]), 'a new buffer was changed');
  });

  test('a long chain of dependent operations', async (backend) => {
    const a = vector(backend, [1, 0]);
    const b = vector(backend, [1, 1]);
    for (let i = 0; i < 100; i++) {
      apply(backend, ADD, [a, b], a); // a grows by b
      apply(backend, { kind: 'sub' }, [a, b], b); // b becomes the old a
      apply(backend, { kind: 'minimum' }, [a, b], b);
      if (i % 20 === 19) apply(backend, { kind: 'sign' }, [a], a);
      if (i % 20 === 19) apply(backend, { kind: 'sign' }, [b], b);
    }
    let [x, y] = [
      [1, 0],
      [1, 1],
    ];
    for (let i = 0; i < 100; i++) {
      x = x.map((v, j) => v + y[j]);
      y = x.map((v, j) => Math.min(v, v - y[j]));
      if (i % 20 === 19) [x, y] = [x.map(Math.sign), y.map(Math.sign)];
    }
    const got = [[...(await backend.read(a))], [...(await backend.read(b))]];
    check(equal(got, [x, y]), () => `${show([x, y])} expected, got ${show(got)}`);
  });

  test('large and small work in turn', async (backend) => {
    const n = 300_000;
    const big = backend.alloc(n, 'f32');
    const one = vector(backend, [1]);
    const total = backend.alloc(1, 'f32');
    const wanted: number[] = [];
    const pending: Promise<ArrayLike<number>>[] = [];
    for (let i = 1; i <= 6; i++) {
      apply(backend, { kind: 'fill', value: i }, [], big);
      apply(backend, ADD, [big, one], big);
      apply(backend, { kind: 'reduceMax', axes: [0] }, [big], total);
      pending.push(backend.read(total));
      wanted.push(i + 1);
    }
    const got = (await Promise.all(pending)).map((array) => array[0]);
    check(equal(got, wanted), () => `${show(wanted)} expected, got ${show(got)}`);
  });

  test('sync waits and may be called at any time', async (backend) => {
    await backend.sync();
    const x = vector(backend, [1]);
    apply(backend, ADD, [x, x], x);
    await Promise.all([backend.sync(), backend.sync()]);
    const got = [...(await backend.read(x))];
    check(equal(got, [2]), () => `2 expected, got ${show(got)}`);
  });
}
