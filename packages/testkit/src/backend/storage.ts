import { type DType, hostArray } from '@heddle/core';
import { check, equal, refuses, show } from '../assert.js';
import type { Suite } from '../runner.js';
import { ADD, apply, vector, type WithBackend } from './fixture.js';

const DTYPES: readonly DType[] = ['f32', 'bf16', 'i32'];

/** alloc, write, read, free and what they refuse. */
export function storageTests(suite: Suite, fresh: WithBackend): void {
  const test = (name: string, body: Parameters<WithBackend>[0]): void =>
    suite.test('storage', name, fresh(body));

  test('what is written is read, in every dtype and size', async (backend) => {
    for (const dtype of backend.dtypes) {
      for (const size of [0, 1, 7, 1031, 70001]) {
        const data = hostArray(dtype, size);
        for (let i = 0; i < size; i++) data[i] = (i * 37) % 15000;
        const buffer = backend.alloc(size, dtype);
        check(
          buffer.size === size && buffer.dtype === dtype,
          () => `alloc(${size}, ${dtype}) gave a buffer of ${buffer.size} ${buffer.dtype}`,
        );
        backend.write(buffer, data);
        const got = await backend.read(buffer);
        check(equal(got, data), () => `${size} ${dtype} were not read as written: ${show(got)}`);
        backend.free(buffer);
      }
    }
  });

  test('the array may be reused at once after write', async (backend) => {
    const buffer = backend.alloc(3, 'f32');
    const data = Float32Array.of(1, 2, 3);
    backend.write(buffer, data);
    data.fill(9);
    const sum = backend.alloc(3, 'f32');
    apply(backend, ADD, [buffer, buffer], sum);
    const got = [...(await backend.read(buffer)), ...(await backend.read(sum))];
    check(equal(got, [1, 2, 3, 2, 4, 6]), () => `write did not copy: ${show(got)}`);
  });

  test('read gives a fresh copy', async (backend) => {
    const buffer = vector(backend, [1, 2, 3]);
    const first = await backend.read(buffer);
    const second = await backend.read(buffer);
    first.fill(9);
    check(equal([...second], [1, 2, 3]), 'two reads share an array');
    const third = await backend.read(buffer);
    check(equal([...third], [1, 2, 3]), 'changing what was read changes the buffer');
    apply(backend, ADD, [buffer, buffer], buffer);
    await backend.sync();
    check(equal([...third], [1, 2, 3]), 'a later operation changes what was read');
  });

  test('a write of another dtype or size is refused', async (backend) => {
    const buffer = vector(backend, [1, 2, 3]);
    const wrong = [Int32Array.of(7, 8, 9), Float32Array.of(7, 8), Float32Array.of(7, 8, 9, 10)];
    for (const data of wrong) {
      await refuses(`writing ${data.constructor.name} of ${data.length} to 3 f32`, async () => {
        backend.write(buffer, data);
        await backend.sync();
      });
    }
  });

  test('a dtype that is not listed is refused', async (backend) => {
    for (const dtype of DTYPES) {
      if (backend.dtypes.includes(dtype)) continue;
      await refuses(`alloc of ${dtype}`, () => backend.alloc(4, dtype));
    }
  });
}

/** Freed is freed. */
export function lifetimeTests(suite: Suite, fresh: WithBackend): void {
  const test = (name: string, body: Parameters<WithBackend>[0]): void =>
    suite.test('lifetime', name, fresh(body));

  test('double free is refused', async (backend) => {
    const buffer = vector(backend, [1, 2]);
    backend.free(buffer);
    await refuses('freeing twice', async () => {
      backend.free(buffer);
      await backend.sync();
    });
  });

  test('read after free is refused', async (backend) => {
    const buffer = vector(backend, [1, 2]);
    backend.free(buffer);
    await refuses('reading a freed buffer', () => backend.read(buffer));
  });

  test('write after free is refused', async (backend) => {
    const buffer = vector(backend, [1, 2]);
    backend.free(buffer);
    await refuses('writing to a freed buffer', async () => {
      backend.write(buffer, Float32Array.of(3, 4));
      await backend.sync();
    });
  });

  test('a freed input is refused', async (backend) => {
    const freed = vector(backend, [1, 2]);
    const out = vector(backend, [0, 0]);
    backend.free(freed);
    await refuses('a freed input', async () => {
      apply(backend, ADD, [freed, out], out);
      await backend.sync();
    });
  });

  test('a freed output is refused', async (backend) => {
    const freed = vector(backend, [1, 2]);
    const x = vector(backend, [1, 1]);
    backend.free(freed);
    await refuses('a freed output', async () => {
      apply(backend, ADD, [x, x], freed);
      await backend.sync();
    });
  });
}
