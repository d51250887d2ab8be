import type { Backend, DeviceBuffer, DType, Op, TypedArray, View } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { backendSuite } from '../src/index.js';
import { failures, outcomes } from './collect-runner.js';
import { MemoryBackend } from './memory-backend.js';

/** An asynchronous device: all is queued, each step comes later, and errors surface at read and sync. */
class QueuedBackend implements Backend {
  readonly contract = 1;
  readonly name = 'queued';
  readonly #device = new MemoryBackend();
  readonly dtypes: readonly DType[] = this.#device.dtypes;
  #tail: Promise<void> = Promise.resolve();
  #error: unknown;

  #enqueue<T>(action: () => T | Promise<T>): Promise<T> {
    const done = this.#tail.then(() => new Promise((next) => setImmediate(next))).then(action);
    this.#tail = done.then(
      () => undefined,
      (error) => {
        this.#error ??= error;
      },
    );
    return done;
  }

  #later(action: () => void): void {
    this.#enqueue(action).catch(() => undefined);
  }

  #surface(): void {
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) throw error;
  }

  alloc(size: number, dtype: DType): DeviceBuffer {
    return this.#device.alloc(size, dtype);
  }
  write(buffer: DeviceBuffer, data: TypedArray): void {
    const copy = data.slice();
    this.#later(() => this.#device.write(buffer, copy));
  }
  read(buffer: DeviceBuffer): Promise<TypedArray> {
    return this.#enqueue(() => {
      this.#surface();
      return this.#device.read(buffer);
    });
  }
  free(buffer: DeviceBuffer): void {
    this.#later(() => this.#device.free(buffer));
  }
  supports(op: Op, dtype: DType): boolean {
    return this.#device.supports(op, dtype);
  }
  run(op: Op, inputs: readonly View[], outputs: readonly View[]): void {
    this.#later(() => this.#device.run(op, inputs, outputs));
  }
  async sync(): Promise<void> {
    await this.#tail;
    this.#surface();
  }
  memory(): { live: number; peak: number } {
    return this.#device.memory();
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tail;
    await this.#device[Symbol.asyncDispose]();
  }
}

describe('the backend suite', () => {
  it('lets an asynchronous device be one', async () => {
    const groups = [
      ...['contract', 'supports', 'storage', 'lifetime', 'order', 'memory', 'instances', 'dispose'],
      ...['add', 'updateSlice', 'reduceMax', 'adamw'],
    ];
    const results = await outcomes(
      (runner) => backendSuite({ runner, create: () => new QueuedBackend() }),
      (id) => groups.includes(id.split(' > ')[0]),
    );
    expect(results.size).toBeGreaterThan(40);
    for (const id of failures(results)) throw results.get(id);
  });
});
