import { broadcastStrides, sizeOf, stridesOf } from '@heddle/core';
import type { Kernels, Operand } from '../kernel.js';
import type { NativeLibrary } from './abi.js';
import { collapse, layoutOf, MAX_RANK } from './collapse.js';
import { sameType, words } from './operands.js';

type Kinds = 'permute' | 'slice' | 'pad' | 'concat' | 'broadcast' | 'updateSlice';

/** Layout changes: each is one or several copies of a strided block. */
export function layoutKernels(library: NativeLibrary, reference: Kernels): Kernels<Kinds> {
  const P = 'void *';
  const copy = library.bind('copy', ['int', P, P, 'int64_t', P, 'int64_t']);

  /** Copies a block of `shape`; strides and starts are in elements and stay within both operands. */
  const copyBlock = (
    kind: Kinds,
    shape: readonly number[],
    from: Operand,
    fromStart: number,
    fromStrides: readonly number[],
    to: Operand,
    toStart: number,
    toStrides: readonly number[],
  ): void => {
    sameType(kind, [from, to]);
    const source = words(kind, from, sizeOf(from.shape));
    const target = words(kind, to, sizeOf(to.shape));
    if (sizeOf(shape) === 0) return;
    const walk = collapse(shape, [fromStrides, toStrides]);
    copy(walk.dims.length, layoutOf(walk), source, fromStart, target, toStart);
  };

  const offsetOf = (position: readonly number[], strides: readonly number[]): number =>
    position.reduce((sum, at, axis) => sum + at * strides[axis], 0);

  const kernels: Kernels<Kinds> = {
    permute({ kind, axes }, [x], [y]) {
      const own = stridesOf(x.shape);
      const read = axes.map((axis) => own[axis]);
      copyBlock(kind, y.shape, x, 0, read, y, 0, stridesOf(y.shape));
    },
    slice({ kind, start }, [x], [y]) {
      const own = stridesOf(x.shape);
      copyBlock(kind, y.shape, x, offsetOf(start, own), own, y, 0, stridesOf(y.shape));
    },
    pad({ kind, before, value }, [x], [y]) {
      const to = stridesOf(y.shape);
      y.data.fill(value);
      copyBlock(kind, x.shape, x, 0, stridesOf(x.shape), y, offsetOf(before, to), to);
    },
    concat({ kind, axis }, inputs, [y]) {
      const to = stridesOf(y.shape);
      let at = 0;
      for (const x of inputs) {
        copyBlock(kind, x.shape, x, 0, stridesOf(x.shape), y, at * to[axis], to);
        at += x.shape[axis];
      }
    },
    broadcast({ kind }, [x], [y]) {
      const read = broadcastStrides(x.shape, y.shape);
      copyBlock(kind, y.shape, x, 0, read, y, 0, stridesOf(y.shape));
    },
    updateSlice({ kind, start }, [target, patch], [y]) {
      if (y.data !== target.data) y.data.set(target.data);
      const to = stridesOf(y.shape);
      copyBlock(kind, patch.shape, patch, 0, stridesOf(patch.shape), y, offsetOf(start, to), to);
    },
  };

  const deep = (operands: readonly Operand[]): boolean =>
    operands.some((operand) => operand.shape.length > MAX_RANK);
  return Object.fromEntries(
    (Object.keys(kernels) as Kinds[]).map((kind) => [
      kind,
      (op: never, inputs: readonly Operand[], outputs: readonly Operand[]): void =>
        (deep([...inputs, ...outputs]) ? reference : kernels)[kind](op, inputs, outputs),
    ]),
  ) as unknown as Kernels<Kinds>;
}
