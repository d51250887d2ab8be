import { asRows, generate, type Spec, type Value } from './value.js';

/** Sum over a row of `f(i)`, where i is the flat index. */
function rowSum(row: number, width: number, f: (i: number) => number): number {
  let sum = 0;
  for (let i = row * width; i < (row + 1) * width; i++) sum += f(i);
  return sum;
}

/** Sum over the rows, for each column of the last axis. */
function columnSums(spec: Spec, rows: number, f: (i: number, row: number) => number): Value {
  const width = spec.shape[0];
  return generate(spec, ([column]) => {
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += f(r * width + column, r);
    return sum;
  });
}

/** (x [..., D], gain [D], bias [D]) -> (y, mean [...], rstd [...]). */
export function layerNorm(
  epsilon: number,
  x: Value,
  gain: Value,
  bias: Value,
  [y, mean, rstd]: readonly Spec[],
): Value[] {
  const { width } = asRows(x);
  const means = generate(mean, (_, row) => rowSum(row, width, (i) => x.data[i]) / width);
  const rstds = generate(rstd, (_, row) => {
    const variance = rowSum(row, width, (i) => (x.data[i] - means.data[row]) ** 2) / width;
    return 1 / Math.sqrt(variance + epsilon);
  });
  const normalized = generate(y, (_, i) => {
    const row = Math.floor(i / width);
    const column = i % width;
    return (x.data[i] - means.data[row]) * rstds.data[row] * gain.data[column] + bias.data[column];
  });
  return [normalized, means, rstds];
}

/** (x, gain, mean, rstd, dy) -> (dx, dgain, dbias). */
export function layerNormBackward(
  [x, gain, mean, rstd, dy, before]: readonly Value[],
  [dx, dgain, dbias]: readonly Spec[],
): Value[] {
  const { rows, width } = asRows(x);
  const normal = (i: number, row: number): number => (x.data[i] - mean.data[row]) * rstd.data[row];
  const inner = (i: number): number => dy.data[i] * gain.data[i % width];
  const sums = Array.from({ length: rows }, (_, row) => [
    rowSum(row, width, inner),
    rowSum(row, width, (i) => inner(i) * normal(i, row)),
  ]);
  return [
    generate(dx, (_, i) => {
      const row = Math.floor(i / width);
      const [plain, weighted] = sums[row];
      const own = rstd.data[row] * (inner(i) - plain / width - (normal(i, row) * weighted) / width);
      return own + (before?.data[i] ?? 0);
    }),
    columnSums(dgain, rows, (i, row) => dy.data[i] * normal(i, row)),
    columnSums(dbias, rows, (i) => dy.data[i]),
  ];
}

/** (x [..., D], gain [D]) -> (y, rstd [...]). */
export function rmsNorm(
  epsilon: number,
  x: Value,
  gain: Value,
  [y, rstd]: readonly Spec[],
): Value[] {
  const { width } = asRows(x);
  const rstds = generate(rstd, (_, row) => {
    return 1 / Math.sqrt(rowSum(row, width, (i) => x.data[i] ** 2) / width + epsilon);
  });
  const normalized = generate(
    y,
    (_, i) => x.data[i] * rstds.data[Math.floor(i / width)] * gain.data[i % width],
  );
  return [normalized, rstds];
}

/** (x, gain, rstd, dy, and what to add dx to, if anything) -> (dx, dgain). */
export function rmsNormBackward(
  [x, gain, rstd, dy, before]: readonly Value[],
  [dx, dgain]: readonly Spec[],
): Value[] {
  const { rows, width } = asRows(x);
  const inner = (i: number): number => dy.data[i] * gain.data[i % width];
  const weighted = Array.from({ length: rows }, (_, row) =>
    rowSum(row, width, (i) => inner(i) * x.data[i] * rstd.data[row]),
  );
  return [
    generate(dx, (_, i) => {
      const row = Math.floor(i / width);
      const normal = x.data[i] * rstd.data[row];
      const own = rstd.data[row] * (inner(i) - (normal * weighted[row]) / width);
      return own + (before?.data[i] ?? 0);
    }),
    columnSums(dgain, rows, (i, row) => dy.data[i] * x.data[i] * rstd.data[row]),
  ];
}
