import {
  type Backend,
  type DType,
  HeddleError,
  type Shape,
  type Tensor,
  type TypedArray,
  type View,
} from '@heddle/core';
import type { Origin } from './graph.js';
import { type OpenScope, register } from './scope.js';
import type { Storage } from './storage.js';

/** The class behind core's `Tensor`: a shape over shared storage, and where it comes from in a graph. */
export class DeviceTensor implements Tensor {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly storage: Storage;
  /** The scope that will free it. */
  scope: OpenScope | undefined;
  #disposed = false;
  #origin: Origin | undefined;

  /** Takes over one reference to `storage`. */
  constructor(storage: Storage, shape: Shape, dtype: DType) {
    this.storage = storage;
    this.shape = shape;
    this.dtype = dtype;
  }

  /** The operation that computed it, while a gradient is wanted for it. */
  get origin(): Origin | undefined {
    return this.#origin?.node.graph.finished ? undefined : this.#origin;
  }

  set origin(origin: Origin | undefined) {
    this.#origin = origin;
  }

  get backend(): Backend {
    return this.storage.backend;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  get view(): View {
    return { buffer: this.storage.buffer, shape: this.shape };
  }

  async read(): Promise<TypedArray> {
    if (this.#disposed) throw useAfterFree('read', this);
    return this.backend.read(this.storage.buffer);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.scope?.tensors.delete(this);
    this.scope = undefined;
    this.origin = undefined;
    this.storage.release();
  }

  toString(): string {
    return describe(this);
  }
}

/** `f32 [2, 3]`. */
export function describe(x: { readonly dtype: string; readonly shape: Shape }): string {
  return `${x.dtype} [${x.shape.join(', ')}]`;
}

/** The same elements under another shape and handle, without a gradient; belongs to the current scope. */
export function viewOf(x: DeviceTensor, shape: Shape = x.shape): DeviceTensor {
  return register(unscopedView(x, shape));
}

/** As `viewOf`, but nobody frees it except who asked for it. */
export function unscopedView(x: DeviceTensor, shape: Shape = x.shape): DeviceTensor {
  return new DeviceTensor(x.storage.retain(), shape, x.dtype);
}

function useAfterFree(op: string, x: DeviceTensor): HeddleError {
  return new HeddleError(
    'use-after-free',
    `${op}: the tensor ${describe(x)} was freed already. Tensors made in a scope are freed at its end; ` +
      'return them from `scoped` or `keep` them to use them later.',
    { what: `${describe(x)} in ${op}` },
  );
}

/** The tensor's class, checked: it is ours and still alive. */
export function device(x: Tensor, op: string): DeviceTensor {
  if (!(x instanceof DeviceTensor)) {
    throw new HeddleError(
      'invalid-argument',
      `${op}: expected a tensor made by this copy of @heddle/tensor, given ${typeof x}. ` +
        'If it is a tensor, two versions of @heddle/tensor are installed; install one.',
      { argument: `tensor of ${op}`, given: String(x) },
    );
  }
  if (x.disposed) throw useAfterFree(op, x);
  return x;
}

/** As `device`, for operations on floating tensors only. */
export function floating(x: Tensor, op: string): DeviceTensor {
  const t = device(x, op);
  if (t.dtype === 'i32') throw wrongDType(op, [t], 'takes floating tensors; cast it first');
  return t;
}

/** As `device`, for indices. */
export function integer(x: Tensor, op: string): DeviceTensor {
  const t = device(x, op);
  if (t.dtype !== 'i32') throw wrongDType(op, [t], 'takes i32 here; cast it first');
  return t;
}

export function wrongDType(
  op: string,
  given: readonly DeviceTensor[],
  rule: string,
): HeddleError<'dtype-mismatch'> {
  return new HeddleError(
    'dtype-mismatch',
    `${op}: given ${given.map(describe).join(', ')}; it ${rule}.`,
    {
      op,
      dtypes: given.map((x) => x.dtype),
    },
  );
}

export function wrongShape(
  op: string,
  given: readonly DeviceTensor[],
  rule: string,
): HeddleError<'shape-mismatch'> {
  return new HeddleError(
    'shape-mismatch',
    `${op}: given ${given.map(describe).join(', ')}; ${rule}.`,
    {
      op,
      shapes: given.map((x) => x.shape),
    },
  );
}

export function sameDType(op: string, given: readonly DeviceTensor[]): DType {
  const dtype = given[0].dtype;
  if (given.some((x) => x.dtype !== dtype)) {
    throw wrongDType(op, given, 'takes operands of one dtype; cast the others');
  }
  return dtype;
}
