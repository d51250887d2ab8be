import { checkContract, type Params, rngKey } from '@heddle/core';
import {
  adamw,
  matmul,
  normal,
  square,
  sub,
  sum,
  tensor,
  valueAndGrad,
  zeros,
} from '@heddle/tensor';
import { backendSuite } from '@heddle/testkit';
import { describe, expect, it } from 'vitest';
import { plugin, typedArrays } from '../src/index.js';

backendSuite({ runner: { describe, it }, create: typedArrays });

it('trains', async () => {
  await using backend = typedArrays();
  const x = normal(backend, rngKey(1), [16, 2]);
  const target = matmul(x, tensor(backend, [[3], [-1]]));
  const params = { w: zeros(backend, [2, 1]) };
  const optimizer = adamw({ weightDecay: 0 });
  const state = optimizer.init(params);
  const step = valueAndGrad(({ w }: Params) => sum(square(sub(matmul(x, w), target))));
  for (let i = 1; i <= 200; i++) {
    const { grads } = step(params);
    optimizer.update(params, grads, state, { step: i, lr: 0.1, scale: tensor(backend, 1) });
  }
  const [a, b] = await params.w.read();
  expect(a).toBeCloseTo(3, 2);
  expect(b).toBeCloseTo(-1, 2);
});

it('is offered to the command by its name', async () => {
  checkContract(plugin);
  const make = plugin.backends?.['part-name'];
  expect((await make?.({}))?.name).toBe('part-name');
  expect(() => make?.({ device: 1 })).toThrow(/no option "device"/);
});
