import type { Awaitable } from '@heddle/core';
import type { Device, DeviceArray } from '../device.js';
import { Program } from '../program.js';
import { gridOf } from './grid.js';
import type { Computes } from './operation.js';

export interface Product {
  readonly batch: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** a is [K, M] instead of [M, K]. */
  readonly transposeA: boolean;
  /** b is [N, K] instead of [K, N]. */
  readonly transposeB: boolean;
}

/** What is added to a product. */
export interface Addends {
  /** [N] */
  readonly bias?: DeviceArray;
  /** [M, N] */
  readonly residual?: DeviceArray;
}

/** (a [B, M, K], b [B, K, N]) -> [B, M, N], a cell a thread; four products a turn of the loop. */
export function product(
  device: Device,
  { batch, m, k, n, transposeA, transposeB }: Product,
  a: DeviceArray,
  b: DeviceArray,
  { bias, residual }: Addends = {},
): Awaitable<DeviceArray> {
  const program = new Program();
  const [x, y] = [program.array(a), program.array(b)];
  const [M, K, N] = [program.integer(m), program.integer(k), program.integer(n)];
  const { output, at } = gridOf(program, batch === 1 ? [m, n] : [batch, m, n]);
  const [row, column] = at.slice(-2);
  const blockA = batch === 1 ? '' : `${at[0]} * ${program.integer(m * k)} + `;
  const blockB = batch === 1 ? '' : `${at[0]} * ${program.integer(k * n)} + `;
  const term = (i: string): string => {
    const left = transposeA ? `(${i}) * ${M} + ${row}` : `${row} * ${K} + ${i}`;
    const right = transposeB ? `${column} * ${K} + ${i}` : `(${i}) * ${N} + ${column}`;
    return `${x}[${blockA}${left}] * ${y}[${blockB}${right}]`;
  };
  const fours = program.integer(k >> 2);
  const rest = program.integer(k & 3);
  const end = ['sum'];
  if (bias) end.push(`${program.array(bias)}[${column}]`);
  if (residual) end.push(`${program.array(residual)}[${row} * ${N} + ${column}]`);
  return program.run(
    device,
    output,
    `let sum = 0;
for (let i = 0; i < ${fours}; i++) {
  sum += ${[0, 1, 2, 3].map((j) => term(`i * 4 + ${j}`)).join(' + ')};
}
for (let j = 0; j < ${rest}; j++) { sum += ${term(`${fours} * 4 + j`)}; }
return ${end.join(' + ')};`,
  );
}

export const products: Computes<'matmul' | 'linear'> = {
  linear: (device, op, [x, w, ...others], [y]) => {
    const [m, k] = x.shape;
    const n = y.shape[1];
    const addends = others.map(({ value }) => value);
    const bias = op.bias ? addends.shift() : undefined;
    const residual = op.residual ? addends.shift() : undefined;
    const sizes = { batch: 1, m, k, n, transposeA: false, transposeB: op.transposeWeight };
    return product(device, sizes, x.value, w.value, {
      ...(bias && { bias }),
      ...(residual && { residual }),
    });
  },

  matmul: (device, { transposeA, transposeB }, [a, b], [y]) => {
    const [m, n] = y.shape.slice(-2);
    const batch = y.shape.length === 3 ? y.shape[0] : 1;
    const k = a.shape[a.shape.length - (transposeA ? 2 : 1)];
    return product(device, { batch, m, k, n, transposeA, transposeB }, a.value, b.value);
  },
};
