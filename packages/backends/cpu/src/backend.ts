import {
  type Backend,
  CONTRACT,
  type DeviceBuffer,
  type DType,
  HeddleError,
  type Op,
  type OpKind,
  type TypedArray,
  type View,
} from '@heddle/core';
import { checkAliasing } from './aliasing.js';
import { type Space, takingBf16 } from './bf16.js';
import { CpuBuffer } from './buffer.js';
import type { Kernels, Operand } from './kernel.js';
import { hostMemory, type Memory } from './memory.js';
import { MemoryPool } from './pool.js';

type AnyKernel = (op: Op, inputs: readonly Operand[], outputs: readonly Operand[]) => void;

/** The cpu backend: host arrays, and one kernel a kind, run at once in the order of the calls. */
export class CpuBackend implements Backend {
  readonly contract: typeof CONTRACT = CONTRACT;
  readonly name: string = 'cpu';
  readonly dtypes: readonly DType[] = ['f32', 'bf16', 'i32'];
  /** Which kernels serve, with what, and if not the native ones, why. */
  readonly description: string;
  readonly #kernels: ReadonlyMap<OpKind, AnyKernel>;
  readonly #pool: MemoryPool;
  readonly #close: () => void;
  #disposed = false;

  /** `memory` is where the kernels want their operands; `close` lets go of the kernels' threads. */
  constructor(
    kernels: Kernels,
    description: string,
    memory: Memory = hostMemory,
    close: () => void = () => {},
  ) {
    this.#pool = new MemoryPool(memory);
    this.#kernels = new Map(
      (Object.entries(kernels) as [OpKind, AnyKernel][]).map(([kind, kernel]) => [
        kind,
        takingBf16(kind, kernel, kernels.cast, (size) => this.#reserve(size)),
      ]),
    );
    this.description = description;
    this.#close = close;
  }

  alloc(size: number, dtype: DType): DeviceBuffer {
    this.#checkOpen('alloc');
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new HeddleError('invalid-argument', `cpu: cannot allocate ${size} elements.`, {
        argument: 'size',
        given: size,
      });
    }
    return new CpuBuffer(this.#pool, size, dtype);
  }

  write(buffer: DeviceBuffer, data: TypedArray): void {
    const target = this.#data(buffer, 'write');
    if (data.constructor !== target.constructor) {
      throw new HeddleError(
        'dtype-mismatch',
        `cpu: write of a ${data.constructor.name} to a buffer of ${buffer.dtype}.`,
        { op: 'write', dtypes: [data.constructor.name, buffer.dtype] },
      );
    }
    if (data.length !== target.length) {
      throw new HeddleError(
        'shape-mismatch',
        `cpu: write of ${data.length} elements to a buffer of ${target.length}.`,
        { op: 'write', shapes: [[data.length], [target.length]] },
      );
    }
    target.set(data);
  }

  async read(buffer: DeviceBuffer): Promise<TypedArray> {
    return this.#data(buffer, 'read').slice();
  }

  free(buffer: DeviceBuffer): void {
    this.#own(buffer).release();
  }

  supports(op: Op, dtype: DType): boolean {
    return this.#kernels.has(op.kind) && (dtype !== 'i32' || takesIntegers(op));
  }

  run(op: Op, inputs: readonly View[], outputs: readonly View[]): void {
    const kernel = this.#kernels.get(op.kind);
    if (kernel === undefined) {
      throw new HeddleError('unsupported-op', `cpu: there is no operation "${op.kind}".`, {
        backend: this.name,
        op: op.kind,
      });
    }
    checkAliasing(op, inputs, outputs);
    const operand = ({ buffer, shape }: View): Operand => ({
      data: this.#data(buffer, op.kind),
      shape,
    });
    kernel(op, inputs.map(operand), outputs.map(operand));
  }

  async sync(): Promise<void> {}

  memory(): { readonly live: number; readonly peak: number } {
    const { live, peak } = this.#pool.usage();
    return { live, peak };
  }

  /** Lets go of threads and memory; every later use but `free` is an error. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#pool.close();
    this.#close();
  }

  #reserve(size: number): Space {
    const buffer = new CpuBuffer(this.#pool, size, 'f32');
    return { data: buffer.data('reserve') as Float32Array, release: () => buffer.release() };
  }

  #data(buffer: DeviceBuffer, what: string): TypedArray {
    this.#checkOpen(what);
    return this.#own(buffer).data(what);
  }

  #own(buffer: DeviceBuffer): CpuBuffer {
    if (buffer instanceof CpuBuffer && buffer.belongsTo(this.#pool)) return buffer;
    throw new HeddleError(
      'mixed-backends',
      'cpu: the buffer belongs to another backend. Read it there and write it here.',
      { op: 'run', backends: ['cpu', 'another'] },
    );
  }

  #checkOpen(what: string): void {
    if (!this.#disposed) return;
    throw new HeddleError(
      'use-after-free',
      `cpu: ${what} after the backend was disposed. Dispose it after its last use.`,
      { what },
    );
  }
}

/** Kinds that the contract defines for i32 too. */
const INTEGER_KINDS: ReadonlySet<OpKind> = new Set<OpKind>([
  'add',
  'sub',
  'mul',
  'div',
  'maximum',
  'minimum',
  'pow',
  'equal',
  'less',
  'select',
  'cast',
  'reduceSum',
  'reduceMax',
  'argMax',
  'permute',
  'slice',
  'pad',
  'concat',
  'broadcast',
  'updateSlice',
  'gather',
  'scatterAdd',
  'fill',
  'iota',
]);

function takesIntegers(op: Op): boolean {
  return INTEGER_KINDS.has(op.kind);
}
