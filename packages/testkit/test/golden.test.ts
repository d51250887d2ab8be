import type { DType, Op } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { oracle } from '../src/index.js';
import golden from './golden/oracle.json' with { type: 'json' };

interface Stored {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

const value = ({ dtype, shape, data }: Stored) => ({
  dtype: dtype as DType,
  shape,
  data: Float64Array.from(data),
});

describe('the oracle gives what PyTorch gives in float64', () => {
  const cases = golden.cases.map((one, i) => ({ ...one, name: `${i}: ${one.op.kind}` }));
  it.each(cases)('$name', ({ op, inputs, outputs }) => {
    const wanted = outputs.map(value);
    const got = oracle(op as Op, inputs.map(value), wanted);
    expect(got.length).toBe(wanted.length);
    got.forEach(({ data }, output) => {
      data.forEach((x, i) => {
        const y = wanted[output].data[i];
        expect(Math.abs(x - y), `output ${output} [${i}]: ${x}, ${y}`).toBeLessThan(
          1e-12 * (1 + Math.abs(y)),
        );
      });
    });
  });
});
