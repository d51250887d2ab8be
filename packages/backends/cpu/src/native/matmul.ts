import type { LinearActivation, Precision } from '@heddle/core';
import type { Kernels, Operand } from '../kernel.js';
import type { NativeLibrary } from './abi.js';
import { floats, weights } from './operands.js';

const P = 'void *';
const N = 'int64_t';

/** How native/pack.h numbers the precisions. */
export function precisionOf({ precision }: Precision): number {
  return precision === 'bf16' ? 1 : 0;
}

/** How native/epilogue.h numbers what follows a product. */
const NO_ACTIVATION = 0;
const RESIDUAL = 1;
const FORWARD: Readonly<Record<LinearActivation, number>> = { gelu: 2, geluTanh: 3, swiglu: 4 };
const BACKWARD: Readonly<Record<LinearActivation, number>> = { gelu: 5, geluTanh: 6, swiglu: 7 };

type Kinds =
  | 'matmul'
  | 'linear'
  | 'linearActivation'
  | 'activationLinearBackward'
  | 'linearBackwardWeight';

/** Products of matrices, and linear layers with what is done to their results on the way. */
export function matmulKernels(library: NativeLibrary): Kernels<Kinds> {
  const matmul = library.bind('matmul', [N, N, N, N, P, 'int', P, 'int', P, 'int']);
  const linear = library.bind('linear', [N, N, N, P, P, 'int', 'int', P, 'int', P, P, P, P, 'int']);
  const backwardWeight = library.bind('linear_backward_weight', [
    N,
    N,
    N,
    P,
    P,
    'int',
    P,
    P,
    'int',
    'int',
  ]);
  return {
    matmul(op, [a, b], [c]) {
      const { kind, transposeA, transposeB } = op;
      const batch = c.shape.length === 3 ? c.shape[0] : 1;
      const [m, n] = c.shape.slice(-2);
      const k = a.shape[a.shape.length - (transposeA ? 2 : 1)];
      matmul(
        batch,
        m,
        n,
        k,
        floats(kind, a, batch * m * k),
        transposeA ? 1 : 0,
        floats(kind, b, batch * k * n),
        transposeB ? 1 : 0,
        floats(kind, c, batch * m * n),
        precisionOf(op),
      );
    },

    linear(op, [x, w, ...others], [y]) {
      const { kind } = op;
      const [m, n] = y.shape;
      const k = x.shape[1];
      const bias = op.bias ? floats(kind, others[0], n) : null;
      const residual = op.residual ? floats(kind, others[op.bias ? 1 : 0], m * n) : null;
      linear(
        m,
        n,
        k,
        floats(kind, x, m * k),
        weights(kind, w, k * n),
        w.data instanceof Uint16Array ? 1 : 0,
        op.transposeWeight ? 1 : 0,
        bias,
        residual ? RESIDUAL : NO_ACTIVATION,
        residual,
        null,
        null,
        floats(kind, y, m * n),
        precisionOf(op),
      );
    },

    linearActivation(op, [x, w, ...others], [y, z]) {
      const { kind } = op;
      const [m, n] = y.shape;
      const k = x.shape[1];
      const gate = op.activation === 'swiglu' ? others[op.bias ? 1 : 0] : undefined;
      linear(
        m,
        n,
        k,
        floats(kind, x, m * k),
        weights(kind, w, k * n),
        w.data instanceof Uint16Array ? 1 : 0,
        op.transposeWeight ? 1 : 0,
        op.bias ? floats(kind, others[0], n) : null,
        FORWARD[op.activation],
        gate ? floats(kind, gate, m * n) : null,
        null,
        floats(kind, z, m * n),
        floats(kind, y, m * n),
        precisionOf(op),
      );
    },

    activationLinearBackward(op, [dy, w, first, second], [dFirst, dSecond]) {
      const { kind } = op;
      const [m, n] = dFirst.shape;
      const k = dy.shape[1];
      linear(
        m,
        n,
        k,
        floats(kind, dy, m * k),
        weights(kind, w, k * n),
        w.data instanceof Uint16Array ? 1 : 0,
        op.transposeWeight ? 0 : 1,
        null,
        BACKWARD[op.activation],
        floats(kind, first, m * n),
        op.activation === 'swiglu' ? floats(kind, second, m * n) : null,
        op.activation === 'swiglu' ? floats(kind, dSecond, m * n) : null,
        floats(kind, dFirst, m * n),
        precisionOf(op),
      );
    },

    linearBackwardWeight(op, [x, dy, ...before], [dw, dbias]) {
      const { kind } = op;
      const [m, k] = x.shape;
      const n = dy.shape[1];
      if (op.accumulate) {
        copyTo(kind, before[0], dw, k * n);
        if (op.bias) copyTo(kind, before[1], dbias, n);
      }
      backwardWeight(
        m,
        n,
        k,
        floats(kind, x, m * k),
        floats(kind, dy, m * n),
        op.transposeWeight ? 1 : 0,
        floats(kind, dw, k * n),
        op.bias ? floats(kind, dbias, n) : null,
        op.accumulate ? 1 : 0,
        precisionOf(op),
      );
    },
  };
}

/** Puts what is to be added to where the kernel adds to it, unless it is there. */
export function copyTo(kind: string, from: Operand, to: Operand, size: number): void {
  const source = floats(kind, from, size);
  const target = floats(kind, to, size);
  if (source.buffer !== target.buffer || source.byteOffset !== target.byteOffset)
    target.set(source);
}
