import type { TypedArray } from '@heddle/core';
import type { Kernels, Operand } from '../kernel.js';
import { isBf16, widened } from './bf16.js';

/** Where a matrix lies: element (row, column) is `data[start + row * rowStride + column * columnStride]`. */
interface Matrix {
  readonly data: TypedArray;
  readonly start: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Columns of b that are packed at a time. */
const BLOCK = 256;
/** A tile of the output that one inner loop computes: 4 rows by 2 columns. */
const ROWS = 4;
const COLUMNS = 2;

/** Copies `rows` vectors of length k as doubles, `width` interleaved together, padded with zeros. */
function pack(
  from: Matrix,
  first: number,
  rows: number,
  k: number,
  width: number,
  to: Float64Array,
): void {
  const { data, rowStride, columnStride } = from;
  for (let row = 0; row < Math.ceil(rows / width) * width; row++) {
    const base = Math.floor(row / width) * width * k + (row % width);
    let at = from.start + (first + row) * rowStride;
    for (let i = 0; i < k; i++, at += columnStride)
      to[base + i * width] = row < rows ? data[at] : 0;
  }
}

/** c[m, n] = a[m, k] b[k, n] (+ bias[n]), summed in doubles, in the order of k. */
function multiply(
  m: number,
  n: number,
  k: number,
  a: Matrix,
  b: Matrix,
  c: TypedArray,
  start: number,
  bias?: TypedArray,
): void {
  const bColumns: Matrix = { ...b, rowStride: b.columnStride, columnStride: b.rowStride };
  const packedA = new Float64Array(ROWS * k);
  const packedB = new Float64Array(Math.min(Math.ceil(n / COLUMNS) * COLUMNS, BLOCK) * k);
  for (let block = 0; block < n; block += BLOCK) {
    const columns = Math.min(BLOCK, n - block);
    pack(bColumns, block, columns, k, COLUMNS, packedB);
    for (let i = 0; i < m; i += ROWS) {
      const rows = Math.min(ROWS, m - i);
      pack(a, i, rows, k, ROWS, packedA);
      for (let j = 0; j < columns; j += COLUMNS) {
        const column = block + j;
        const bias0 = bias?.[column] ?? 0;
        const bias1 = bias?.[column + 1] ?? 0;
        let c00 = bias0;
        let c01 = bias1;
        let c10 = bias0;
        let c11 = bias1;
        let c20 = bias0;
        let c21 = bias1;
        let c30 = bias0;
        let c31 = bias1;
        let atA = 0;
        let atB = j * k;
        for (let p = 0; p < k; p++) {
          const b0 = packedB[atB];
          const b1 = packedB[atB + 1];
          const a0 = packedA[atA];
          c00 += a0 * b0;
          c01 += a0 * b1;
          const a1 = packedA[atA + 1];
          c10 += a1 * b0;
          c11 += a1 * b1;
          const a2 = packedA[atA + 2];
          c20 += a2 * b0;
          c21 += a2 * b1;
          const a3 = packedA[atA + 3];
          c30 += a3 * b0;
          c31 += a3 * b1;
          atA += ROWS;
          atB += COLUMNS;
        }
        const at = start + i * n + column;
        const second = j + 1 < columns;
        c[at] = c00;
        if (second) c[at + 1] = c01;
        if (rows > 1) c[at + n] = c10;
        if (rows > 1 && second) c[at + n + 1] = c11;
        if (rows > 2) c[at + 2 * n] = c20;
        if (rows > 2 && second) c[at + 2 * n + 1] = c21;
        if (rows > 3) c[at + 3 * n] = c30;
        if (rows > 3 && second) c[at + 3 * n + 1] = c31;
      }
    }
  }
}

export const matmul: Kernels<'matmul' | 'linear' | 'linearBackwardWeight'> = {
  matmul({ transposeA, transposeB }, [a, b], [c]) {
    const [m, n] = c.shape.slice(-2);
    const k = a.shape[a.shape.length - (transposeA ? 2 : 1)];
    const batches = c.shape.length === 3 ? c.shape[0] : 1;
    for (let batch = 0; batch < batches; batch++) {
      multiply(
        m,
        n,
        k,
        rowMajor(a, batch * m * k, transposeA ? m : k, transposeA),
        rowMajor(b, batch * k * n, transposeB ? k : n, transposeB),
        c.data,
        batch * m * n,
      );
    }
  },

  linear({ transposeWeight, bias, residual }, [x, w, ...others], [y]) {
    const [m, n] = y.shape;
    const k = x.shape[1];
    const weight = rowMajor(asFloats(w), 0, transposeWeight ? k : n, transposeWeight);
    multiply(
      m,
      n,
      k,
      rowMajor(x, 0, k, false),
      weight,
      y.data,
      0,
      bias ? others[0].data : undefined,
    );
    if (residual) add(others[bias ? 1 : 0], y);
  },

  linearBackwardWeight({ transposeWeight, bias, accumulate }, [x, dy, ...before], [dw, dbias]) {
    const [m, k] = x.shape;
    const n = dy.shape[1];
    const kept = before.map(({ data, shape }) => ({ data: data.slice(), shape }));
    const input = rowMajor(x, 0, k, true); // x' [k, m]
    if (transposeWeight)
      multiply(n, k, m, rowMajor(dy, 0, n, true), rowMajor(x, 0, k, false), dw.data, 0);
    else multiply(k, n, m, input, rowMajor(dy, 0, n, false), dw.data, 0);
    if (bias) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let i = 0; i < m; i++) sum += dy.data[i * n + j];
        dbias.data[j] = sum;
      }
    }
    if (!accumulate) return;
    add(kept[0], dw);
    if (bias) add(kept[1], dbias);
  },
};

/** A weight in f32, whether it is kept in that or in bf16. */
function asFloats({ data, shape }: Operand): Operand {
  return isBf16(data) ? { data: widened(data), shape } : { data, shape };
}

/** A matrix stored row by row, `width` long each, from `start` on; `transposed`: seen with its axes swapped. */
function rowMajor({ data }: Operand, start: number, width: number, transposed: boolean): Matrix {
  return transposed
    ? { data, start, rowStride: 1, columnStride: width }
    : { data, start, rowStride: width, columnStride: 1 };
}

/** y += x */
export function add(x: Operand, y: Operand): void {
  for (let i = 0; i < y.data.length; i++) y.data[i] += x.data[i];
}
