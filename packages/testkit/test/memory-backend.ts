import {
  type Backend,
  BYTES,
  type DeviceBuffer,
  type DType,
  FUSED,
  HeddleError,
  hostArray,
  type Op,
  type OpKind,
  PRIMITIVES,
  sizeOf,
  type TypedArray,
  type View,
} from '@heddle/core';
import { oracle, rounded, type Value } from '../src/index.js';
import { decode, encode } from '../src/oracle/value.js';

const KINDS = new Set<OpKind>([...PRIMITIVES, ...FUSED]);

interface Stored extends DeviceBuffer {
  data: TypedArray;
}

/** A right backend made of the oracle. The broken ones of the meta-tests override a method each. */
export class MemoryBackend implements Backend {
  readonly contract = 1;
  readonly name: string = 'memory';
  readonly dtypes: readonly DType[] = ['f32', 'bf16', 'i32'];
  protected readonly buffers: Set<Stored> = new Set();
  protected live = 0;
  protected peak = 0;
  #disposed = false;

  protected stored(buffer: DeviceBuffer, what: string): Stored {
    if (this.#disposed || !this.buffers.has(buffer as Stored)) {
      throw new HeddleError('use-after-free', `${what}: the buffer was freed`, { what });
    }
    return buffer as Stored;
  }

  protected count(bytes: number): void {
    this.live += bytes;
    this.peak = Math.max(this.peak, this.live);
  }

  alloc(size: number, dtype: DType): DeviceBuffer {
    if (!this.dtypes.includes(dtype)) {
      throw new HeddleError('dtype-mismatch', `no ${dtype}`, { op: 'alloc', dtypes: [dtype] });
    }
    const buffer: Stored = { size, dtype, data: hostArray(dtype, size).fill(77) };
    this.buffers.add(buffer);
    this.count(size * BYTES[dtype]);
    return buffer;
  }

  write(buffer: DeviceBuffer, data: TypedArray): void {
    const stored = this.stored(buffer, 'write');
    if (data.constructor !== stored.data.constructor || data.length !== stored.size) {
      throw new HeddleError('invalid-argument', 'wrong data', { argument: 'data', given: null });
    }
    stored.data = data.slice();
  }

  async read(buffer: DeviceBuffer): Promise<TypedArray> {
    return this.stored(buffer, 'read').data.slice();
  }

  free(buffer: DeviceBuffer): void {
    this.buffers.delete(this.stored(buffer, 'free'));
    this.live -= buffer.size * BYTES[buffer.dtype];
  }

  supports(op: Op, _dtype: DType): boolean {
    return KINDS.has(op.kind);
  }

  /** The result of an operation: what the broken ones get wrong. */
  protected compute(op: Op, inputs: readonly Value[], outputs: readonly Value[]): Value[] {
    return oracle(op, inputs, outputs);
  }

  run(op: Op, inputs: readonly View[], outputs: readonly View[]): void {
    if (!this.supports(op, 'f32')) {
      throw new HeddleError('unsupported-op', `no ${op.kind}`, { backend: this.name, op: op.kind });
    }
    const load = ({ buffer, shape }: View): Value => ({
      shape,
      dtype: buffer.dtype,
      data: decode(this.stored(buffer, op.kind).data),
    });
    for (const { buffer, shape } of [...inputs, ...outputs]) {
      if (sizeOf(shape) !== buffer.size) throw new Error('view and buffer differ in size');
    }
    const results = this.compute(op, inputs.map(load), outputs.map(load));
    results.forEach((result, i) => {
      this.stored(outputs[i].buffer, op.kind).data = encode(rounded(result));
    });
  }

  async sync(): Promise<void> {}

  memory(): { live: number; peak: number } {
    return { live: this.live, peak: this.peak };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
  }
}
