import { type Shape, sameShape, sizeOf, type Tensor } from '@heddle/core';
import { track } from '../graph.js';
import { autocast, precisionOf } from '../precision.js';
import { backendOf, run } from '../run.js';
import { broadcastShapes } from '../shapes.js';
import { type DeviceTensor, floating, sameDType, wrongShape } from '../tensor.js';
import { broadcastTo } from './broadcast.js';
import { reshape } from './layout.js';

/** Which operands are given transposed in their last two axes. */
export interface MatmulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/**
 * The matrix product over the last two axes; the axes before them broadcast.
 * a: [..., M, K] (or [..., K, M] with `transposeA`), b: [..., K, N] (or [..., N, K] with
 * `transposeB`) -> [..., M, N]. A batch of a's with one matrix b is one product of rank 2.
 */
export function matmul(left: Tensor, right: Tensor, options: MatmulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false } = options;
  const a = floating(left, 'matmul');
  const b = floating(right, 'matmul');
  backendOf('matmul', [a, b]);
  sameDType('matmul', [a, b]);
  if (a.shape.length < 2 || b.shape.length < 2) {
    throw wrongShape('matmul', [a, b], 'both need two axes or more');
  }
  const [m, k] = matrix(a.shape, transposeA);
  const [kOfB, n] = matrix(b.shape, transposeB);
  const batchA = a.shape.slice(0, -2);
  const batchB = b.shape.slice(0, -2);
  const batch = broadcastShapes([batchA, batchB]);
  if (k !== kOfB || !batch) {
    const how = `${transposeA ? 'a transposed, ' : ''}${transposeB ? 'b transposed, ' : ''}`;
    throw wrongShape(
      'matmul',
      [a, b],
      `${how}[..., M, K] x [..., K, N] needs equal K and batch axes that fit`,
    );
  }
  const product = [...batch, m, n];
  if (sizeOf(batchB) === 1 && !transposeA) {
    const rows = reshape(a, [sizeOf(batchA) * m, k]);
    return reshape(multiply(rows, reshape(b, b.shape.slice(-2)), false, transposeB), product);
  }
  const stacked = (x: DeviceTensor, own: Shape): Tensor => {
    const inner = x.shape.slice(-2);
    const full = sameShape(own, batch) ? x : broadcastTo(x, [...batch, ...inner]);
    return reshape(full, [sizeOf(batch), ...inner]);
  };
  if (batch.length === 0) return multiply(a, b, transposeA, transposeB);
  return reshape(multiply(stacked(a, batchA), stacked(b, batchB), transposeA, transposeB), product);
}

/** Rows and columns of the last two axes as the product sees them. */
function matrix(shape: Shape, transposed: boolean): [number, number] {
  const rows = shape[shape.length - 2];
  const columns = shape[shape.length - 1];
  return transposed ? [columns, rows] : [rows, columns];
}

/** The operation itself: both of rank 2, or both of rank 3 with equal first axes. */
function multiply(left: Tensor, right: Tensor, ta: boolean, tb: boolean): Tensor {
  const a = left as DeviceTensor;
  const b = right as DeviceTensor;
  const shape = [...a.shape.slice(0, -2), matrix(a.shape, ta)[0], matrix(b.shape, tb)[1]];
  const precision = precisionOf([a, b]);
  const c = run({ kind: 'matmul', transposeA: ta, transposeB: tb, ...precision }, [a, b], shape);
  return track('matmul', c, [a, b], (needs, save) => {
    const x = needs[1] ? save(a) : undefined;
    const w = needs[0] ? save(b) : undefined;
    const times = (p: Tensor, q: Tensor, tp: boolean, tq: boolean) =>
      autocast(precision.precision ?? 'f32', () => multiply(p, q, tp, tq));
    return (dc) => [
      // a = A:  dA = dC B'        a = A': dA' = B dC'
      w && (ta ? times(w, dc, tb, true) : times(dc, w, false, !tb)),
      // b = B:  dB = A' dC        b = B': dB' = dC' A
      x && (tb ? times(dc, x, true, ta) : times(x, dc, !ta, false)),
    ];
  });
}
