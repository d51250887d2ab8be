import {
  type BinaryKind,
  type CompareKind,
  rngKey,
  type Shape,
  type Tensor,
  type UnaryKind,
} from '@heddle/core';
import * as t from '@heddle/tensor';
import { floats, type Witness } from './witness.js';

/*
 * A witness for every operation of the contract. The shapes are small: whether an operation is right in
 * all its corners is what the cases of @heddle/testkit tell; witnesses tell whether tensor, with what this
 * backend claims, computes the function and its derivative.
 */

const ids = (x: readonly Tensor[], numbers: readonly number[], shape: Shape): Tensor =>
  t.tensor(x[0].backend, Int32Array.from(numbers), shape);

function unary(kind: UnaryKind, f: (x: Tensor) => Tensor, positive = false): Witness {
  return {
    forward: [kind],
    values: [[[3, 5]]],
    edges: [[[]], [[0]]],
    positive,
    compute: ([x]) => f(x),
  };
}

const UNARY: readonly Witness[] = [
  unary('neg', t.neg),
  unary('abs', t.abs),
  unary('sign', t.sign),
  unary('exp', t.exp),
  unary('log', t.log, true),
  unary('sqrt', t.sqrt, true),
  unary('rsqrt', t.rsqrt, true),
  unary('sin', t.sin),
  unary('cos', t.cos),
  unary('tanh', t.tanh),
  unary('erf', t.erf),
  unary('floor', t.floor),
];

const BROADCAST: Witness['values'] = [
  [
    [3, 5],
    [3, 5],
  ],
  [
    [2, 3, 4],
    [3, 1],
  ],
];
const EMPTY: Witness['values'] = [
  [[], []],
  [[0, 3], [3]],
];

function binary(kind: BinaryKind, f: (a: Tensor, b: Tensor) => Tensor): Witness {
  return {
    forward: [kind],
    values: BROADCAST,
    edges: EMPTY,
    positive: true,
    compute: ([a, b]) => f(a, b),
  };
}

function comparison(kind: CompareKind, f: (a: Tensor, b: Tensor) => Tensor): Witness {
  return {
    forward: [kind],
    values: BROADCAST,
    edges: EMPTY,
    differentiable: false,
    compute: ([a, b]) => f(a, b),
  };
}

const BINARY: readonly Witness[] = [
  binary('add', t.add),
  binary('sub', t.sub),
  binary('mul', t.mul),
  binary('div', t.div),
  binary('maximum', t.maximum),
  binary('minimum', t.minimum),
  binary('pow', t.pow),
];

const CHOICE: readonly Witness[] = [
  comparison('equal', t.equal),
  comparison('less', t.less),
  {
    forward: ['select'],
    values: BROADCAST,
    edges: EMPTY,
    compute: ([a, b]) => t.select(t.less(t.detach(a), 0), a, b),
  },
  { forward: ['cast'], values: [[[3, 5]]], edges: [[[0]]], compute: ([x]) => t.cast(x, 'f32') },
  {
    forward: ['argMax'],
    values: [[[4, 9]]],
    edges: [[[0, 3]]],
    differentiable: false,
    compute: ([x]) => t.argMax(x),
  },
];

const PRODUCTS: readonly Witness[] = [
  {
    forward: ['matmul'],
    values: [
      [
        [3, 5],
        [5, 4],
      ],
      [
        [2, 3, 5],
        [2, 5, 4],
      ],
    ],
    edges: [
      [
        [3, 0],
        [0, 4],
      ],
      [
        [1, 1],
        [1, 1],
      ],
    ],
    compute: ([a, b]) => t.matmul(a, b),
  },
  {
    forward: ['linear'],
    backward: ['linearBackwardWeight'],
    values: [[[6, 5], [4, 5], [4], [6, 4]]],
    edges: [[[1, 1], [1, 1], [1], [1, 1]]],
    compute: ([x, weight, bias, residual]) =>
      t.linear(x, weight, { bias, residual, transposeWeight: true }),
  },
  {
    forward: ['linearActivation'],
    backward: ['activationLinearBackward'],
    values: [[[6, 4], [4, 8], [8], [8, 4]]],
    edges: [[[1, 1], [1, 1], [1], [1, 1]]],
    compute: ([x, up, bias, down]) =>
      t.feedForward(x, {
        activation: 'geluTanh',
        up: { weight: up, bias },
        down: { weight: down },
      }),
  },
];

const REDUCTIONS: readonly Witness[] = [
  {
    forward: ['reduceSum'],
    values: [[[3, 4, 5]]],
    edges: [[[3, 0]]],
    compute: ([x]) => t.sum(x, { axes: [-1] }),
  },
  {
    forward: ['reduceMax'],
    values: [[[3, 4, 5]]],
    edges: [[[0, 3]]],
    compute: ([x]) => t.max(x, { axes: [-1] }),
  },
];

const LAYOUT: readonly Witness[] = [
  {
    forward: ['permute'],
    values: [[[2, 3, 4, 5]]],
    edges: [[[0, 3, 1, 2]]],
    compute: ([x]) => t.permute(x, [2, 0, 3, 1]),
  },
  {
    forward: ['slice'],
    values: [[[4, 6]]],
    edges: [[[4, 3]]],
    compute: ([x]) => t.slice(x, [1, 2], [2, x.shape[1] - 2]),
  },
  {
    forward: ['pad'],
    values: [[[4, 6]]],
    edges: [[[0, 2]]],
    compute: ([x]) => t.pad(x, [1, 0], [0, 2], 0.5),
  },
  {
    forward: ['concat'],
    values: [
      [
        [2, 3],
        [2, 4],
        [2, 1],
      ],
    ],
    edges: [
      [
        [2, 3],
        [2, 0],
        [2, 1],
      ],
    ],
    compute: (x) => t.concat(x, 1),
  },
  {
    forward: ['broadcast'],
    values: [[[3, 1]]],
    edges: [[[1]], [[]]],
    compute: ([x]) => t.broadcastTo(x, [2, 3, 4]),
  },
];

const INDEXED: readonly Witness[] = [
  {
    forward: ['gather'],
    backward: ['scatterAdd'],
    values: [[[7, 3]]],
    edges: [[[7, 1]]],
    compute: (x) => t.gather(x[0], ids(x, [6, 0, 2, 2, 6, 1], [2, 3])),
  },
  {
    forward: ['scatterAdd'],
    values: [
      [
        [5, 2],
        [4, 2],
      ],
    ],
    edges: [
      [
        [5, 1],
        [4, 1],
      ],
    ],
    compute: (x) => t.scatterAdd(x[0], ids(x, [4, 0, 0, 2], [4]), x[1]),
  },
  {
    forward: ['updateSlice'],
    values: [
      [
        [4, 5],
        [2, 3],
      ],
    ],
    differentiable: false,
    compute([target, patch]) {
      t.updateSlice(target, patch, [1, 2]);
      return target;
    },
  },
];

const CREATION: readonly Witness[] = [
  {
    forward: ['fill'],
    values: [[]],
    differentiable: false,
    compute: (_, backend) => t.full(backend, [2, 3], 1.5),
  },
  {
    forward: ['iota'],
    values: [[]],
    differentiable: false,
    compute: (_, backend) => t.iota(backend, 7),
  },
  {
    forward: ['randomUniform'],
    values: [[]],
    differentiable: false,
    compute: (_, backend) => t.uniform(backend, rngKey(5), [3, 4]),
  },
  {
    forward: ['dropout'],
    values: [[[4, 8]]],
    edges: [[[0]]],
    compute: ([x]) => t.dropout(x, 0.4, rngKey(6)),
  },
];

const ACTIVATIONS: readonly Witness[] = [
  {
    forward: ['gelu'],
    backward: ['geluBackward'],
    values: [[[3, 5]]],
    edges: [[[]], [[0]]],
    compute: ([x]) => [t.gelu(x), t.gelu(x, { approximate: 'tanh' })],
  },
  {
    forward: ['swiglu'],
    backward: ['swigluBackward'],
    values: [
      [
        [3, 5],
        [3, 5],
      ],
    ],
    edges: [[[0], [0]]],
    compute: ([gate, up]) => t.swiglu(gate, up),
  },
  {
    forward: ['softmax'],
    backward: ['softmaxBackward'],
    values: [[[3, 7]]],
    edges: [[[2, 1]], [[0, 3]]],
    compute: ([x]) => t.softmax(x),
  },
];

const NORMS: readonly Witness[] = [
  {
    forward: ['layerNorm'],
    backward: ['layerNormBackward'],
    values: [[[2, 3, 8], [8], [8]]],
    edges: [[[1, 1], [1], [1]]],
    compute: ([x, weight, bias]) => t.layerNorm(x, weight, bias),
  },
  {
    forward: ['rmsNorm'],
    backward: ['rmsNormBackward'],
    values: [[[2, 3, 8], [8]]],
    edges: [[[1, 1], [1]]],
    compute: ([x, weight]) => t.rmsNorm(x, weight),
  },
];

const ATTENTION: readonly Witness[] = [
  {
    forward: ['rope'],
    values: [[[2, 3, 2, 4]]],
    edges: [[[1, 1, 1, 2]]],
    compute([x]) {
      const [, length, , width] = x.shape;
      const angles = floats(x.backend, 'angles', [1, length, width / 2]);
      return t.rope(x, t.cos(angles), t.sin(angles));
    },
  },
  {
    forward: ['attention'],
    backward: ['attentionBackward'],
    values: [
      [
        [2, 5, 4, 8],
        [2, 5, 2, 8],
        [2, 5, 2, 8],
      ],
    ],
    edges: [
      [
        [1, 1, 1, 2],
        [1, 3, 1, 2],
        [1, 3, 1, 2],
      ],
    ],
    compute: ([q, k, v]) => t.attention(q, k, v, { causal: true }),
  },
  {
    forward: ['crossEntropy'],
    backward: ['crossEntropyBackward'],
    values: [[[6, 9]]],
    edges: [[[6, 3]]],
    compute: (x) => t.crossEntropy(x[0], ids(x, [0, 2, -100, 1, 1, 2], [6])),
  },
];

const TRAINING: readonly Witness[] = [
  {
    forward: ['sumOfSquares'],
    values: [[[3, 5], [7]]],
    differentiable: false,
    compute: ([a, b]) => t.globalNorm({ a, b }),
  },
  {
    forward: ['adamw'],
    values: [
      [
        [3, 5],
        [3, 5],
      ],
    ],
    differentiable: false,
    compute([w, gradient]) {
      const optimizer = t.adamw();
      const state = optimizer.init({ w });
      for (const step of [1, 2]) {
        const scale = t.tensor(w.backend, 0.5);
        optimizer.update({ w }, { w: gradient }, state, { step, lr: 0.1, scale });
      }
      return [w, state['m.w'], state['v.w']];
    },
  },
];

export const WITNESSES: readonly Witness[] = [
  ...UNARY,
  ...BINARY,
  ...CHOICE,
  ...PRODUCTS,
  ...REDUCTIONS,
  ...LAYOUT,
  ...INDEXED,
  ...CREATION,
  ...ACTIVATIONS,
  ...NORMS,
  ...ATTENTION,
  ...TRAINING,
];
