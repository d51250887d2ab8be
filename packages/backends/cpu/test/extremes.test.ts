import type { Op } from '@heddle/core';
import { describe, expect, test } from 'vitest';
import { cpu, describeCpu } from '../src/index.js';

/* Activations far out, where factors come near to nothing and what they are multiplied by is as large as f32 gets. */

const FAR = [-3e38, -1e38, -1e30, -1e10, -200, 200, 1e10];

describe.each(['reference', 'native'] as const)('%s kernels', (kernels) => {
  const reason = describeCpu().reason;
  const missing = kernels === 'native' && describeCpu().tier !== 'native';
  const cases: readonly (readonly [Op, ones: number, last: number, (x: number) => number])[] = [
    [{ kind: 'gelu', approximate: 'tanh' }, 0, 0, (x) => Math.max(x, 0)],
    [{ kind: 'geluBackward', approximate: 'tanh' }, 1, 0, (x) => (x > 0 ? 1 : 0)],
    [{ kind: 'swiglu' }, 1, 0, (x) => Math.max(x, 0)],
    [{ kind: 'swigluBackward' }, 2, 0, (x) => (x > 0 ? 1 : 0)],
    [{ kind: 'swigluBackward' }, 2, 1, (x) => Math.max(x, 0)],
  ];
  test.skipIf(missing).each(cases)(`%o ${missing ? `(skipped: ${reason})` : ''}`, async (...of) => {
    const [op, ones, output, expected] = of;
    await using backend = cpu({ kernels });
    const view = (values: readonly number[]) => {
      const buffer = backend.alloc(values.length, 'f32');
      backend.write(buffer, Float32Array.from(values));
      return { buffer, shape: [values.length] };
    };
    const inputs = [view(FAR), ...Array.from({ length: ones }, () => view(FAR.map(() => 1)))];
    const outputs = Array.from({ length: op.kind === 'swigluBackward' ? 2 : 1 }, () => view(FAR));
    backend.run(op, inputs, outputs);
    const got = [...(await backend.read(outputs[output].buffer))];
    for (const [i, x] of FAR.entries()) {
      const wanted = Math.fround(expected(x));
      expect(Math.abs(got[i] - wanted), `at ${x}: ${got[i]}`).toBeLessThanOrEqual(
        1e-6 * Math.abs(wanted) + 1e-20,
      );
    }
  });
});
