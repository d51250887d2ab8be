import type { Awaitable } from '@heddle/core';
import type { Device, DeviceArray } from '../device.js';
import { Program } from '../program.js';
import { forPairs } from './attention.js';
import {
  type AttentionOperands,
  attentionOperands,
  groupOf,
  type Heads,
  headAt,
} from './attention-operands.js';
import { gridOf } from './grid.js';
import { join } from './layout.js';
import type { Compute } from './operation.js';
import { Scratch } from './scratch.js';

/** The derivative of attention: the weights are made again from the log-sum-exp (Dao et al. 2022, appendix B). */
export const attentionBackward: Compute<'attentionBackward'> = async (device, op, inputs) => {
  using scratch = new Scratch(device);
  const operands = attentionOperands(op, inputs, 3);
  const [out, logSumExp, dout] = operands.others;
  const weights = await scratch.keep(
    forPairs(device, operands, 0, (product, program, pair) => {
      return `expOf(${product} - ${program.array(logSumExp)}[${pair}])`;
    }),
  );
  const level = await scratch.keep(levels(device, operands, out, dout));
  const dscores = await scratch.keep(scoreGradients(device, operands, weights, dout, level));
  const { b, t, h, d, g } = operands.sizes;
  const douts: Heads = { value: dout, rows: t, stride: h, first: 0 };
  const dq = await queryGradients(device, operands, dscores);
  const dk = await keyGradients(device, operands, dscores, operands.q);
  const dv = await keyGradients(device, operands, weights, douts);
  if (op.packedGroups === undefined) return [dq, dk, dv];
  for (const array of [dq, dk, dv]) await scratch.keep(array);
  const first = await scratch.keep(join(device, [b * t, h * d, g * d, 1], dq, dk));
  return await join(device, [b * t, (h + g) * d, g * d, 1], first, dv);
};

/** The sum of dout out over each head: what all scores of a query have in common. [B, H, T] */
function levels(
  device: Device,
  { sizes: { b, t, h, d } }: AttentionOperands,
  out: DeviceArray,
  dout: DeviceArray,
): Awaitable<DeviceArray> {
  const program = new Program();
  const [x, y] = [program.array(out), program.array(dout)];
  const {
    output,
    at: [batch, head, i],
  } = gridOf(program, [b, h, t]);
  const [T, H, D] = [t, h, d].map((n) => program.integer(n));
  const at = `((${batch} * ${T} + ${i}) * ${H} + ${head}) * ${D}`;
  return program.run(
    device,
    output,
    `let sum = 0;
for (let x = 0; x < ${D}; x++) { sum += ${x}[${at} + x] * ${y}[${at} + x]; }
return sum;`,
  );
}

/** weight scale (dout v - level) [B, H, T, S]; nothing where the weight is nothing. */
function scoreGradients(
  device: Device,
  { op, sizes, v }: AttentionOperands,
  weights: DeviceArray,
  dout: DeviceArray,
  level: DeviceArray,
): Awaitable<DeviceArray> {
  const { b, t, h, s, d } = sizes;
  const program = new Program();
  const [w, y] = [program.array(weights), program.array(dout)];
  const [values, common] = [program.array(v.value), program.array(level)];
  const {
    output,
    at: [batch, head, i, j],
  } = gridOf(program, [b, h, t, s]);
  const [T, H, S, D] = [t, h, s, d].map((n) => program.integer(n));
  const row = `((${batch} * ${H} + ${head}) * ${T} + ${i})`;
  const from = `((${batch} * ${T} + ${i}) * ${H} + ${head}) * ${D}`;
  const value = headAt(program, v, d, [batch, j, groupOf(program, sizes, head)]);
  return program.run(
    device,
    output,
    `const w = ${w}[${row} * ${S} + ${j}];
if (w <= 0) { return 0; }
let sum = 0;
for (let x = 0; x < ${D}; x++) { sum += ${y}[${from} + x] * ${values}[${value} + x]; }
return w * ${program.number(op.scale)} * (sum - ${common}[${row}]);`,
  );
}

/** dq [B, T, H, D]: the sum of dscores k over the keys. */
function queryGradients(
  device: Device,
  { sizes, k }: AttentionOperands,
  dscores: DeviceArray,
): Awaitable<DeviceArray> {
  const { b, t, h, s, d } = sizes;
  const program = new Program();
  const [scores, keys] = [program.array(dscores), program.array(k.value)];
  const {
    output,
    at: [batch, i, head, x],
  } = gridOf(program, [b, t, h, d]);
  const [H, T, S] = [h, t, s].map((n) => program.integer(n));
  const row = `((${batch} * ${H} + ${head}) * ${T} + ${i}) * ${S}`;
  const key = headAt(program, k, d, [batch, 'j', groupOf(program, sizes, head)]);
  return program.run(
    device,
    output,
    `let sum = 0;
for (let j = 0; j < ${S}; j++) { sum += ${scores}[${row} + j] * ${keys}[${key} + ${x}]; }
return sum;`,
  );
}

/** For each key the sum of weights times rows over the queries of all heads of its group: [B, S, G, D]. */
function keyGradients(
  device: Device,
  { sizes, k }: AttentionOperands,
  weights: DeviceArray,
  from: Heads,
): Awaitable<DeviceArray> {
  const { b, t, h, s, g, d } = sizes;
  const program = new Program();
  const [w, rows] = [program.array(weights), program.array(from.value)];
  const {
    output,
    at: [batch, j, group, x],
  } = gridOf(program, [b, k.rows, g, d]);
  const [T, H, S, each] = [t, h, s, h / g].map((n) => program.integer(n));
  const head = `(${group} * ${each} + n)`;
  const pair = `((${batch} * ${H} + ${head}) * ${T} + i) * ${S} + ${j}`;
  const row = headAt(program, from, d, [batch, 'i', head]);
  return program.run(
    device,
    output,
    `let sum = 0;
for (let n = 0; n < ${each}; n++) {
  for (let i = 0; i < ${T}; i++) { sum += ${w}[${pair}] * ${rows}[${row} + ${x}]; }
}
return sum;`,
  );
}
