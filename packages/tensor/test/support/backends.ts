import type { Backend, DeviceBuffer, DType, Op, OpKind, TypedArray, View } from '@heddle/core';
import { FUSED } from '@heddle/core';
import { cpu } from '@heddle/cpu';

const POISON: Readonly<Record<DType, (size: number) => TypedArray>> = {
  f32: (size) => new Float32Array(size).fill(Number.NaN),
  bf16: (size) => new Uint16Array(size).fill(0x7fc0),
  i32: (size) => new Int32Array(size).fill(-12345),
};

/** A backend that writes down what it runs, and gives out memory full of NaN. */
export class SpyBackend implements Backend {
  readonly contract = 1;
  readonly ran: OpKind[] = [];
  readonly name: string;
  readonly #inner: Backend = cpu({ kernels: 'reference' });
  readonly #refused: ReadonlySet<OpKind>;

  constructor(name: string, refused: readonly OpKind[] = []) {
    this.name = name;
    this.#refused = new Set(refused);
  }

  get dtypes(): readonly DType[] {
    return this.#inner.dtypes;
  }

  alloc(size: number, dtype: DType): DeviceBuffer {
    const buffer = this.#inner.alloc(size, dtype);
    this.#inner.write(buffer, POISON[dtype](size));
    return buffer;
  }

  write(buffer: DeviceBuffer, data: TypedArray): void {
    this.#inner.write(buffer, data);
  }

  read(buffer: DeviceBuffer): Promise<TypedArray> {
    return this.#inner.read(buffer);
  }

  free(buffer: DeviceBuffer): void {
    this.#inner.free(buffer);
  }

  supports(op: Op, dtype: DType): boolean {
    return !this.#refused.has(op.kind) && this.#inner.supports(op, dtype);
  }

  run(op: Op, inputs: readonly View[], outputs: readonly View[]): void {
    if (this.#refused.has(op.kind)) throw new Error(`${this.name} does not run ${op.kind}`);
    this.ran.push(op.kind);
    this.#inner.run(op, inputs, outputs);
  }

  sync(): Promise<void> {
    return this.#inner.sync();
  }

  memory(): { readonly live: number; readonly peak: number } {
    return this.#inner.memory();
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#inner[Symbol.asyncDispose]();
  }
}

/** With no more dtypes than the contract demands. */
export class PlainBackend extends SpyBackend {
  override get dtypes(): readonly DType[] {
    return ['f32', 'i32'];
  }
}

/** With all fused operations: what tensor runs where it may. */
export function fusedBackend(): SpyBackend {
  return new SpyBackend('fused');
}

/** Primitives alone: every fused operation is composed. */
export function primitiveBackend(): SpyBackend {
  return new SpyBackend('primitives', FUSED);
}

/** Forward fused and backward composed, or the other way round: what one saves the other understands. */
export function mixedBackend(refused: 'forward' | 'backward'): SpyBackend {
  const backward = FUSED.filter((kind) => kind.endsWith('Backward'));
  const forward = FUSED.filter((kind) => !kind.endsWith('Backward'));
  return new SpyBackend(
    refused === 'backward' ? 'fused forward' : 'fused backward',
    refused === 'backward' ? backward : forward,
  );
}
