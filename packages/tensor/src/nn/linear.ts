import { type FusedOp, sizeOf, type Tensor } from '@heddle/core';
import { track } from '../graph.js';
import { add } from '../ops/binary.js';
import { reshape } from '../ops/layout.js';
import { matmul } from '../ops/matmul.js';
import { sum } from '../ops/reduce.js';
import { backendOf, run } from '../run.js';
import { type DeviceTensor, floating, sameDType, wrongShape } from '../tensor.js';

export interface LinearOptions {
  /** [N], added to every row. */
  readonly bias?: Tensor;
  /** Whether w is [N, K], as torch.nn.Linear keeps it, instead of [K, N], as GPT-2's Conv1D does. */
  readonly transposeWeight?: boolean;
}

/** x w + bias. x: [..., K], w: [K, N] or, with `transposeWeight`, [N, K] -> [..., N]. */
export function linear(input: Tensor, weight: Tensor, options: LinearOptions = {}): Tensor {
  const { transposeWeight = false } = options;
  const x = floating(input, 'linear');
  const w = floating(weight, 'linear');
  const k = x.shape.at(-1);
  if (k === undefined || w.shape.length !== 2 || w.shape[transposeWeight ? 1 : 0] !== k) {
    const expected = transposeWeight ? '[N, K]' : '[K, N]';
    throw wrongShape('linear', [x, w], `x [..., K] needs w ${expected} with the same K`);
  }
  const n = w.shape[transposeWeight ? 0 : 1];
  const outer = x.shape.slice(0, -1);
  const rows = reshape(x, [sizeOf(outer), k]) as DeviceTensor;
  const y = options.bias
    ? withBias(rows, w, floating(options.bias, 'linear'), transposeWeight, n)
    : matmul(rows, w, { transposeB: transposeWeight });
  return reshape(y, [...outer, n]);
}

/** x: [M, K] -> [M, N]. */
function withBias(
  x: DeviceTensor,
  w: DeviceTensor,
  bias: DeviceTensor,
  transposeWeight: boolean,
  n: number,
): Tensor {
  const inputs = [x, w, bias];
  backendOf('linear', inputs);
  sameDType('linear', inputs);
  if (bias.shape.length !== 1 || bias.shape[0] !== n) {
    throw wrongShape('linear', inputs, `the bias must be [${n}]`);
  }
  const op: FusedOp = { kind: 'linear', transposeWeight, bias: true, residual: false };
  if (!x.backend.supports(op, x.dtype)) {
    return add(matmul(x, w, { transposeB: transposeWeight }), bias);
  }
  const y = run(op, inputs, [x.shape[0], n]);
  return track('linear', y, inputs, (needs, save) => {
    const savedW = needs[0] ? save(w) : undefined;
    const savedX = needs[1] ? save(x) : undefined;
    return (dy) => [
      savedW && matmul(dy, savedW, { transposeB: !transposeWeight }), // dy w'
      savedX &&
        (transposeWeight
          ? matmul(dy, savedX, { transposeA: true }) // dy' x: [N, K]
          : matmul(savedX, dy, { transposeA: true })), // x' dy: [K, N]
      needs[2] ? sum(dy, { axes: [0] }) : undefined,
    ];
  });
}
