import type { Device, DeviceArray } from '../device.js';
import type { Compute, Computes } from './operation.js';
import { largest } from './reduce.js';
import { perElement, perRow, type Rows, rowsOf } from './rows.js';
import { Scratch } from './scratch.js';

/** Below every number: what the largest of a row is if nothing in it counts. */
export const NOTHING = '-3.4028234e38';

/** The exponentials of each row over their sum; zeros for a row of -Infinity alone. */
export async function softmaxRows(
  device: Device,
  x: DeviceArray,
  rows: Rows,
  max: DeviceArray,
  sum: DeviceArray,
): Promise<DeviceArray> {
  return perElement(
    device,
    rows,
    { x, max, sum },
    ({ of, row, index }) => `const top = ${of.max}[${row}];
if (top < ${NOTHING}) { return 0; }
return expOf(${of.x}[${index}] - top) / ${of.sum}[${row}];`,
  );
}

/** The largest of each row, and the sum of the exponentials of what lies below it. */
export async function maxAndSum(
  device: Device,
  scratch: Scratch,
  x: DeviceArray,
  rows: Rows,
): Promise<{ readonly max: DeviceArray; readonly sum: DeviceArray }> {
  const max = await scratch.keep(largest(device, x, [rows.rows, rows.width], [1]));
  const sum = await scratch.keep(
    perRow(
      device,
      rows,
      { x, max },
      ({ of, row, width }) => `const top = ${of.max}[${row}];
let sum = 0;
for (let i = 0; i < ${width}; i++) { sum += expOf(${of.x}[${row} * ${width} + i] - top); }
return sum;`,
    ),
  );
  return { max, sum };
}

const softmax: Compute<'softmax'> = async (device, _, [x]) => {
  using scratch = new Scratch(device);
  const rows = rowsOf(x.shape);
  const { max, sum } = await maxAndSum(device, scratch, x.value, rows);
  return await softmaxRows(device, x.value, rows, max, sum);
};

const softmaxBackward: Compute<'softmaxBackward'> = async (device, _, [y, dy]) => {
  using scratch = new Scratch(device);
  const rows = rowsOf(y.shape);
  const arrays = { y: y.value, dy: dy.value };
  const dot = await scratch.keep(
    perRow(
      device,
      rows,
      arrays,
      ({ of, row, width }) => `let sum = 0;
for (let i = 0; i < ${width}; i++) {
  sum += ${of.y}[${row} * ${width} + i] * ${of.dy}[${row} * ${width} + i];
}
return sum;`,
    ),
  );
  return await perElement(
    device,
    rows,
    { ...arrays, dot },
    ({ of, row, index }) => `return ${of.y}[${index}] * (${of.dy}[${index}] - ${of.dot}[${row}]);`,
  );
};

export const softmaxes: Computes<'softmax' | 'softmaxBackward'> = { softmax, softmaxBackward };
