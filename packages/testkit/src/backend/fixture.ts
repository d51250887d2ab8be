import type { Awaitable, Backend, DeviceBuffer, Op, View } from '@heddle/core';

/** A fresh backend for each test, so that no test sees what another left. */
export type WithBackend = (body: (backend: Backend) => Awaitable<void>) => () => Promise<void>;

export function withBackend(create: () => Awaitable<Backend>): WithBackend {
  return (body) => async () => {
    const backend = await create();
    try {
      await body(backend);
    } finally {
      await backend[Symbol.asyncDispose]();
    }
  };
}

/** An f32 vector on the backend. */
export function vector(backend: Backend, numbers: readonly number[]): DeviceBuffer {
  const buffer = backend.alloc(numbers.length, 'f32');
  backend.write(buffer, Float32Array.from(numbers));
  return buffer;
}

/** The buffer as a vector. */
export const view = (buffer: DeviceBuffer): View => ({ buffer, shape: [buffer.size] });

/** out = op(inputs), all of them vectors. */
export function apply(
  backend: Backend,
  op: Op,
  inputs: readonly DeviceBuffer[],
  out: DeviceBuffer,
): void {
  backend.run(op, inputs.map(view), [view(out)]);
}

export const ADD: Op = { kind: 'add' };
