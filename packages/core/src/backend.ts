import type { DType, TypedArray } from './dtype.js';
import type { Op } from './op.js';
import type { Shape } from './shape.js';

/** A block of device memory. Backends return their own objects; others only pass them back. */
export interface DeviceBuffer {
  readonly dtype: DType;
  /** Number of elements. */
  readonly size: number;
}

/** A buffer seen with a shape of the same number of elements: row-major, contiguous, from its start. */
export interface View {
  readonly buffer: DeviceBuffer;
  readonly shape: Shape;
}

/** What a device cannot hold; a limit that is not given does not matter. Beyond one is an error, never a wrong answer. */
export interface DeviceLimits {
  /** Most elements of one buffer. */
  readonly maxElements?: number;
  /** Largest magnitude of an i32: 2 ** 24 where a device keeps integers in f32. */
  readonly maxInteger?: number;
}

/** Tests of `@heddle/testkit` that are known to fail, and why. Names are `group > test`, as its reports print them. */
export interface Waiver {
  readonly reason: string;
  readonly tests: readonly string[];
}

/**
 * Storage plus ordered execution. Everything is enqueued in the order of the calls; only `read`
 * and `sync` wait. What goes wrong on an asynchronous device surfaces there, naming the operation.
 * Disposing twice is fine; any use after that is an error.
 */
export interface Backend extends AsyncDisposable {
  readonly contract: 1;
  readonly name: string;
  readonly dtypes: readonly DType[];
  /** What computes, in words, and if that is not the best there might be, why. */
  readonly description?: string;
  readonly limits?: DeviceLimits;
  /** What is known not to hold on this device; `heddle conformance` prints it. */
  readonly waivers?: readonly Waiver[];
  /** `size` elements with undefined content. May be lazy until first written. */
  alloc(size: number, dtype: DType): DeviceBuffer;
  /** Copies `data` to the device; the array may be reused at once. Another dtype or size than the buffer's is an error. */
  write(buffer: DeviceBuffer, data: TypedArray): void;
  /** A fresh copy of the buffer's content once all earlier work is done. */
  read(buffer: DeviceBuffer): Promise<TypedArray>;
  /** Gives the memory back. Freeing twice is an error. */
  free(buffer: DeviceBuffer): void;
  /** Whether `run` takes this operation with floating operands of `dtype`. Honest: the testkit runs whatever it claims. */
  supports(op: Op, dtype: DType): boolean;
  /**
   * Runs one operation. Shapes and dtypes are as `Op` documents; `@heddle/tensor` has checked them. An
   * operation that is not supported is refused with `unsupported-op`.
   */
  run(op: Op, inputs: readonly View[], outputs: readonly View[]): void;
  /** Resolves once all work enqueued so far is done. */
  sync(): Promise<void>;
  /** Bytes held by live buffers now, and the most so far. */
  memory(): { readonly live: number; readonly peak: number };
}

/** Options of each known backend by its name; a backend package adds its own by declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: an empty interface is what others merge into
export interface BackendOptions {}
