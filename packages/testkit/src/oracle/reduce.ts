import { asRows, flatten, generate, type Spec, type Value } from './value.js';

export function reduce(
  kind: 'reduceSum' | 'reduceMax',
  axes: readonly number[],
  x: Value,
  output: Spec,
): Value {
  const result = generate(output, () => (kind === 'reduceSum' ? 0 : -Infinity));
  generate(x, (index, flat) => {
    const target = flatten(
      index.map((i, axis) => (axes.includes(axis) ? 0 : i)),
      output.shape,
    );
    const element = x.data[flat];
    const before = result.data[target];
    result.data[target] = kind === 'reduceSum' ? before + element : Math.max(before, element);
    return 0;
  });
  return result;
}

export function argMax(x: Value, output: Spec): Value {
  const { width } = asRows(x);
  return generate(output, (_, row) => {
    let best = 0;
    for (let i = 1; i < width; i++) {
      if (x.data[row * width + i] > x.data[row * width + best]) best = i;
    }
    return best;
  });
}

/** (x1, …, xn) -> the sum of the squares of all elements. */
export function sumOfSquares(inputs: readonly Value[], output: Spec): Value {
  let sum = 0;
  for (const { data } of inputs) for (const x of data) sum += x * x;
  return generate(output, () => sum);
}
