import type { Awaitable } from '@heddle/core';
import type { Device, DeviceArray } from '../device.js';
import { isNumber } from './functions.js';
import type { Compute, Computes } from './operation.js';
import { sum } from './reduce.js';
import { perElement, perRow, type Rows, rowsOf } from './rows.js';
import { Scratch } from './scratch.js';

/** The mean is taken twice, the second time of what is left: the sum of large numbers has lost their last digits. */
const layerNorm: Compute<'layerNorm'> = async (device, { epsilon }, [x, gain, bias]) => {
  const rows = rowsOf(x.shape);
  const mean = await perRow(
    device,
    rows,
    { x: x.value },
    ({ of, row, width }) => `let sum = 0;
for (let i = 0; i < ${width}; i++) { sum += ${of.x}[${row} * ${width} + i]; }
const about = sum / ${width};
let rest = 0;
for (let j = 0; j < ${width}; j++) { rest += ${of.x}[${row} * ${width} + j] - about; }
if ${isNumber('rest')} { return about + rest / ${width}; }
return about;`,
  );
  const rstd = await perRow(
    device,
    rows,
    { x: x.value, mean },
    ({ program, of, row, width }) => `const mean = ${of.mean}[${row}];
let squares = 0;
for (let i = 0; i < ${width}; i++) {
  const d = ${of.x}[${row} * ${width} + i] - mean;
  squares += d * d;
}
return 1 / Math.sqrt(squares / ${width} + ${program.number(epsilon)});`,
  );
  const y = await perElement(
    device,
    rows,
    { x: x.value, mean, rstd, gain: gain.value, bias: bias.value },
    ({ of, row, at, index }) =>
      `return (${of.x}[${index}] - ${of.mean}[${row}]) * ${of.rstd}[${row}] * ${of.gain}[${at}] + ${of.bias}[${at}];`,
  );
  return [y, mean, rstd];
};

const rmsNorm: Compute<'rmsNorm'> = async (device, { epsilon }, [x, gain]) => {
  const rows = rowsOf(x.shape);
  const rstd = await perRow(
    device,
    rows,
    { x: x.value },
    ({ program, of, row, width }) => `let squares = 0;
for (let i = 0; i < ${width}; i++) {
  const v = ${of.x}[${row} * ${width} + i];
  squares += v * v;
}
return 1 / Math.sqrt(squares / ${width} + ${program.number(epsilon)});`,
  );
  const y = await perElement(
    device,
    rows,
    { x: x.value, rstd, gain: gain.value },
    ({ of, row, at, index }) =>
      `return ${of.x}[${index}] * ${of.rstd}[${row}] * ${of.gain}[${at}];`,
  );
  return [y, rstd];
};

/** What the derivatives of both norms need; `n` is the normalised x. */
interface Backward {
  readonly rows: Rows;
  readonly n: DeviceArray;
  readonly gain: DeviceArray;
  readonly rstd: DeviceArray;
  readonly dy: DeviceArray;
  /** Added to dx. */
  readonly before: DeviceArray | undefined;
  /** Whether the mean was taken away. */
  readonly centred: boolean;
}

/** The mean of dy gain in each row. */
function levelOf(
  device: Device,
  rows: Rows,
  gain: DeviceArray,
  dy: DeviceArray,
): Awaitable<DeviceArray> {
  return perRow(
    device,
    rows,
    { gain, dy },
    ({ of, row, width }) => `let sum = 0;
for (let i = 0; i < ${width}; i++) { sum += ${of.dy}[${row} * ${width} + i] * ${of.gain}[i]; }
return sum / ${width};`,
  );
}

/** With g = dy gain: dx = rstd (g - n mean(g n) - mean(g)), the last where the mean was taken away; and dgain. */
async function backward(
  device: Device,
  scratch: Scratch,
  { rows, n, gain, rstd, dy, before, centred }: Backward,
): Promise<readonly [dx: DeviceArray, dgain: DeviceArray]> {
  const along = await scratch.keep(
    perRow(
      device,
      rows,
      { n, gain, dy },
      ({ of, row, width }) => `let sum = 0;
for (let i = 0; i < ${width}; i++) {
  sum += ${of.dy}[${row} * ${width} + i] * ${of.gain}[i] * ${of.n}[${row} * ${width} + i];
}
return sum / ${width};`,
    ),
  );
  const level = centred && (await scratch.keep(levelOf(device, rows, gain, dy)));
  const dx = await perElement(
    device,
    rows,
    { n, gain, rstd, dy, along },
    ({ program, of, row, at, index }) => {
      const shift = level ? ` - ${program.array(level)}[${row}]` : '';
      const added = before ? ` + ${program.array(before)}[${index}]` : '';
      const own = `${of.dy}[${index}] * ${of.gain}[${at}] - ${of.n}[${index}] * ${of.along}[${row}]`;
      return `return ${of.rstd}[${row}] * (${own}${shift})${added};`;
    },
  );
  const terms = await scratch.keep(
    perElement(
      device,
      rows,
      { n, dy },
      ({ of, index }) => `return ${of.dy}[${index}] * ${of.n}[${index}];`,
    ),
  );
  return [dx, await sum(device, terms, [rows.rows, rows.width], [0])];
}

const layerNormBackward: Compute<'layerNormBackward'> = async (
  device,
  _,
  [x, gain, mean, rstd, dy, before],
) => {
  using scratch = new Scratch(device);
  const rows = rowsOf(x.shape);
  const n = await scratch.keep(
    perElement(
      device,
      rows,
      { x: x.value, mean: mean.value, rstd: rstd.value },
      ({ of, row, index }) =>
        `return (${of.x}[${index}] - ${of.mean}[${row}]) * ${of.rstd}[${row}];`,
    ),
  );
  const [dx, dgain] = await backward(device, scratch, {
    rows,
    n,
    gain: gain.value,
    rstd: rstd.value,
    dy: dy.value,
    before: before?.value,
    centred: true,
  });
  return [dx, dgain, await sum(device, dy.value, [rows.rows, rows.width], [0])];
};

const rmsNormBackward: Compute<'rmsNormBackward'> = async (
  device,
  _,
  [x, gain, rstd, dy, before],
) => {
  using scratch = new Scratch(device);
  const rows = rowsOf(x.shape);
  const n = await scratch.keep(
    perElement(
      device,
      rows,
      { x: x.value, rstd: rstd.value },
      ({ of, row, index }) => `return ${of.x}[${index}] * ${of.rstd}[${row}];`,
    ),
  );
  return await backward(device, scratch, {
    rows,
    n,
    gain: gain.value,
    rstd: rstd.value,
    dy: dy.value,
    before: before?.value,
    centred: false,
  });
};

export const norms: Computes<'layerNorm' | 'layerNormBackward' | 'rmsNorm' | 'rmsNormBackward'> = {
  layerNorm,
  layerNormBackward,
  rmsNorm,
  rmsNormBackward,
};
