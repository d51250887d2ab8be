import type { Awaitable } from '@heddle/core';
import type { Device, DeviceArray } from '../device.js';
import { Program } from '../program.js';
import {
  type AttentionOperands,
  attentionOperands,
  groupOf,
  headAt,
  visible,
} from './attention-operands.js';
import { gridOf } from './grid.js';
import type { Compute } from './operation.js';
import { perRow } from './rows.js';
import { Scratch } from './scratch.js';
import { maxAndSum, softmaxRows } from './softmax.js';

/**
 * The product of a query and a key for each that sees the other [B, H, T, S]: `value` makes a number of it, and
 * `hidden` stands where the query does not see the key.
 */
export function forPairs(
  device: Device,
  operands: AttentionOperands,
  hidden: number,
  value: (product: string, program: Program, pair: string) => string,
): Awaitable<DeviceArray> {
  const { op, sizes, q, k } = operands;
  const { b, h, t, s, d } = sizes;
  const program = new Program();
  const [queries, keys] = [program.array(q.value), program.array(k.value)];
  const {
    output,
    at: [batch, head, i, j],
  } = gridOf(program, [b, h, t, s]);
  const query = headAt(program, q, d, [batch, i, head]);
  const key = headAt(program, k, d, [batch, j, groupOf(program, sizes, head)]);
  const pair = `(${batch} * ${program.integer(h)} + ${head}) * ${program.integer(t)} + ${i}`;
  return program.run(
    device,
    output,
    `if (${visible(program, operands, [batch, i, j])}) {
  let sum = 0;
  for (let x = 0; x < ${program.integer(d)}; x++) { sum += ${queries}[${query} + x] * ${keys}[${key} + x]; }
  return ${value(`sum * ${program.number(op.scale)}`, program, pair)};
}
return ${program.number(hidden)};`,
  );
}

/** weights [B, H, T, S] times values: out [B, T, H, D]. What weighs nothing does not count, whatever it is. */
function weigh(
  device: Device,
  { sizes, v }: AttentionOperands,
  weights: DeviceArray,
): Awaitable<DeviceArray> {
  const { b, h, t, s, d } = sizes;
  const program = new Program();
  const [w, values] = [program.array(weights), program.array(v.value)];
  const {
    output,
    at: [batch, i, head, x],
  } = gridOf(program, [b, t, h, d]);
  const [H, T, S] = [h, t, s].map((n) => program.integer(n));
  const row = `((${batch} * ${H} + ${head}) * ${T} + ${i}) * ${S}`;
  const value = headAt(program, v, d, [batch, 'j', groupOf(program, sizes, head)]);
  return program.run(
    device,
    output,
    `let sum = 0;
for (let j = 0; j < ${S}; j++) {
  const w = ${w}[${row} + j];
  if (!(w <= 0)) { sum += w * ${values}[${value} + ${x}]; }
}
return sum;`,
  );
}

export const attention: Compute<'attention'> = async (device, op, inputs) => {
  using scratch = new Scratch(device);
  const operands = attentionOperands(op, inputs, 0);
  const { b, h, t, s } = operands.sizes;
  const rows = { rows: b * h * t, width: s };
  const scores = await scratch.keep(
    forPairs(device, operands, Number.NEGATIVE_INFINITY, (product) => product),
  );
  const { max, sum } = await maxAndSum(device, scratch, scores, rows);
  const weights = await scratch.keep(softmaxRows(device, scores, rows, max, sum));
  const out = await weigh(device, operands, weights);
  const logSumExp = await perRow(
    device,
    rows,
    { max, sum },
    ({ of, row }) => `const top = ${of.max}[${row}];
if (top < -3.4028234e38) { return top; }
return top + logOf(${of.sum}[${row}]);`,
  );
  return [out, logSumExp];
};
