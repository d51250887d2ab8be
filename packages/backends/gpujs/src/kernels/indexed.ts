import { sizeOf } from '@heddle/core';
import type { DeviceArray } from '../device.js';
import { Program } from '../program.js';
import { gridOf } from './grid.js';
import type { Compute, Computes } from './operation.js';
import { Scratch } from './scratch.js';

const gather: Compute<'gather'> = (device, _, [table, ids]) => {
  const width = sizeOf(table.shape.slice(1));
  const program = new Program();
  const [rows, at] = [program.array(table.value), program.array(ids.value)];
  const { output, at: cell } = gridOf(program, [sizeOf(ids.shape), width]);
  const row = `(${at}[${cell[0]}] | 0)`;
  return program.run(
    device,
    output,
    `return ${rows}[${row} * ${program.integer(width)} + ${cell[1]}];`,
  );
};

/**
 * Where each row of a table finds what is added to it: places `starts[v]` to `starts[v + 1]` of `order` are
 * the rows that go to row v, in their order. A kernel writes its own cell only, so rows are collected.
 */
function sortById(ids: Float32Array, rows: number): { order: Float32Array; starts: Float32Array } {
  const starts = new Float32Array(rows + 1);
  for (const id of ids) starts[id + 1]++;
  for (let row = 0; row < rows; row++) starts[row + 1] += starts[row];
  const next = starts.slice();
  const order = new Float32Array(ids.length);
  ids.forEach((id, i) => {
    order[next[id]++] = i;
  });
  return { order, starts };
}

const scatterAdd: Compute<'scatterAdd'> = async (device, _, [base, ids, rows], [y]) => {
  using scratch = new Scratch(device);
  const [count, width] = [y.shape[0], sizeOf(y.shape.slice(1))];
  const { order, starts } = sortById(await device.download(ids.value), count);
  const upload = (data: Float32Array): Promise<DeviceArray> => scratch.keep(device.upload(data));
  const program = new Program();
  const [table, added] = [program.array(base.value), program.array(rows.value)];
  const [from, begin] = [program.array(await upload(order)), program.array(await upload(starts))];
  const {
    output,
    at: [row, column],
  } = gridOf(program, [count, width]);
  const n = program.integer(width);
  return await program.run(
    device,
    output,
    `let sum = ${table}[${row} * ${n} + ${column}];
const count = ${begin}[${row} + 1] - ${begin}[${row}];
for (let i = 0; i < count; i++) {
  sum += ${added}[(${from}[(${begin}[${row}] | 0) + i] | 0) * ${n} + ${column}];
}
return sum;`,
  );
};

export const indexed: Computes<'gather' | 'scatterAdd'> = { gather, scatterAdd };
