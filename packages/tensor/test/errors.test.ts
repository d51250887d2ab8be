import { type ErrorCode, HeddleError, type Tensor } from '@heddle/core';
import { expect, test } from 'vitest';
import * as h from '../src/index.js';
import { primitiveBackend } from './support/backends.js';

const backend = primitiveBackend();
const f = (...shape: number[]): Tensor => h.ones(backend, shape);
/** What JavaScript could pass: a backend for contracts that do not exist yet. */
const future = Object.assign(primitiveBackend(), { contract: 2 as 1 });
const i = (...shape: number[]): Tensor => h.ones(backend, shape, 'i32');
const ids = (...values: number[]): Tensor => h.tensor(backend, new Int32Array(values));

/** What, the call, the code, and what the message must name. */
const CASES: readonly [string, () => unknown, ErrorCode, RegExp][] = [
  ['shapes', () => h.add(f(2, 3), f(4)), 'shape-mismatch', /add: given f32 \[2, 3\], f32 \[4\]/],
  [
    'contract',
    () => h.ones(future, [2]),
    'contract-version',
    /made for contract 2, this @heddle\/core has contract 1/,
  ],
  ['dtypes', () => h.mul(f(2), i(2)), 'dtype-mismatch', /mul: given f32 \[2\], i32 \[2\]/],
  ['integers', () => h.exp(i(2)), 'dtype-mismatch', /exp: given i32 \[2\]/],
  ['fractions', () => h.add(i(2), 0.5), 'invalid-argument', /0\.5 is not a 32-bit integer/],
  ['numbers only', () => h.add(1, 2), 'invalid-argument', /at least one operand must be a tensor/],
  ['condition', () => h.select(f(2), 1, f(2)), 'dtype-mismatch', /select/],
  ['inner sizes', () => h.matmul(f(2, 3), f(4, 5)), 'shape-mismatch', /matmul.*\[2, 3\].*\[4, 5\]/],
  ['batches', () => h.matmul(f(2, 3, 4), f(3, 4, 5)), 'shape-mismatch', /batch axes/],
  ['vectors', () => h.matmul(f(3), f(3, 2)), 'shape-mismatch', /two axes/],
  ['weights', () => h.linear(f(2, 3), f(2, 3)), 'shape-mismatch', /linear/],
  ['bias', () => h.linear(f(2, 3), f(3, 4), { bias: f(3) }), 'shape-mismatch', /must be \[4\]/],
  ['axis', () => h.sum(f(2), { axes: [1] }), 'invalid-argument', /axis 1 does not exist/],
  ['permutation', () => h.permute(f(2, 3), [0, 0]), 'invalid-argument', /each axis/],
  ['reshape', () => h.reshape(f(2, 3), [4, -1]), 'invalid-argument', /not a shape/],
  ['reshape', () => h.reshape(f(2, 3), [4]), 'shape-mismatch', /6 elements/],
  ['slice', () => h.slice(f(4), [2], [3]), 'shape-mismatch', /slice: the block/],
  ['pad', () => h.pad(f(4), [-1], [0]), 'invalid-argument', /pad/],
  ['concat', () => h.concat([f(2, 3), f(2, 4)]), 'shape-mismatch', /concat/],
  ['concat of nothing', () => h.concat([]), 'invalid-argument', /at least one/],
  ['split', () => h.split(f(2, 5), 2), 'shape-mismatch', /split/],
  ['broadcastTo', () => h.broadcastTo(f(3), [2]), 'shape-mismatch', /cannot be repeated/],
  ['transpose', () => h.transpose(f(3)), 'shape-mismatch', /two axes/],
  ['argMax of nothing', () => h.argMax(f(2, 0)), 'shape-mismatch', /at least one element/],
  [
    'ids',
    () => h.embedding(f(3, 2), ids(0, 3)),
    'invalid-argument',
    /ids from 0 to 3.*0 to 2 exist/,
  ],
  [
    'ids of a view',
    () => h.gather(f(3, 2), h.reshape(ids(-1, 2), [1, 2])),
    'invalid-argument',
    /-1/,
  ],
  ['table', () => h.embedding(f(3), ids(1)), 'shape-mismatch', /\[V, D\]/],
  ['rows', () => h.scatterAdd(f(3, 2), ids(0), f(2)), 'shape-mismatch', /scatterAdd/],
  ['targets', () => h.crossEntropy(f(2, 3), ids(0, 3)), 'invalid-argument', /crossEntropy/],
  ['targets shape', () => h.crossEntropy(f(2, 3), ids(0)), 'shape-mismatch', /crossEntropy/],
  ['norm weights', () => h.layerNorm(f(2, 3), f(2), f(3)), 'shape-mismatch', /weights \[D\]/],
  ['epsilon', () => h.rmsNorm(f(2, 3), f(3), { epsilon: 0 }), 'invalid-argument', /epsilon/],
  ['softmax', () => h.softmax(f()), 'shape-mismatch', /softmax/],
  ['swiglu', () => h.swiglu(f(2), f(3)), 'shape-mismatch', /same shape/],
  ['rope', () => h.rope(f(1, 2, 1, 4), f(1, 2, 1), f(1, 2, 1)), 'shape-mismatch', /D\/2/],
  ['rate', () => h.dropout(f(2), 1, [0, 0]), 'invalid-argument', /rate/],
  [
    'heads',
    () => h.attention(f(1, 2, 3, 4), f(1, 2, 2, 4), f(1, 2, 2, 4), { causal: true }),
    'shape-mismatch',
    /multiple of G/,
  ],
  [
    'window',
    () => h.attention(f(1, 2, 1, 4), f(1, 2, 1, 4), f(1, 2, 1, 4), { causal: false, window: 1 }),
    'invalid-argument',
    /needs causal/,
  ],
  [
    'keyLength',
    () => h.attention(f(1, 2, 1, 4), f(1, 2, 1, 4), f(1, 2, 1, 4), { causal: true, keyLength: 3 }),
    'invalid-argument',
    /0 to S = 2/,
  ],
  [
    'one segment',
    () =>
      h.attention(f(1, 2, 1, 4), f(1, 2, 1, 4), f(1, 2, 1, 4), {
        causal: true,
        querySegments: i(1, 2),
      }),
    'invalid-argument',
    /both or neither/,
  ],
  ['something else', () => h.exp({ shape: [] } as never), 'invalid-argument', /this copy/],
  ['clip', () => h.clipScale(f(), 0), 'invalid-argument', /maxNorm/],
  ['norm of nothing', () => h.globalNorm({}), 'invalid-argument', /at least one/],
];

test.each(CASES)('%s', (_, call, code, message) => {
  const before = backend.memory().live;
  h.scoped(() => {
    expect(call).toThrow(message);
    expect(call).toThrow(expect.objectContaining({ name: 'HeddleError', code }));
  });
  expect(backend.memory().live).toBe(before);
});

test('tensors of two backends do not mix', () => {
  const other = primitiveBackend();
  const x = f(2);
  const y = h.ones(other, [2]);
  const calls = [
    () => h.add(x, y),
    () => h.matmul(f(2, 2), h.ones(other, [2, 2])),
    () => h.concat([x, y]),
    () => h.select(i(2), x, y),
    () => h.gather(y, i(1)),
    () => h.linear(f(1, 2), f(2, 2), { bias: y }),
    () => h.layerNorm(x, x, y),
    () => h.assign(x, y),
    () => h.globalNorm({ x, y }),
  ];
  for (const call of calls) {
    try {
      call();
      expect.unreachable();
    } catch (error) {
      expect(HeddleError.is(error, 'mixed-backends'), String(error)).toBe(true);
    }
  }
});
