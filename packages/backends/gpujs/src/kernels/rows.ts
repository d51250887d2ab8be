import { type Awaitable, type Shape, sizeOf } from '@heddle/core';
import type { Device, DeviceArray } from '../device.js';
import { Program } from '../program.js';
import { gridOf } from './grid.js';

/** An array seen as rows of its last axis. */
export interface Rows {
  readonly rows: number;
  readonly width: number;
}

export function rowsOf(shape: Shape): Rows {
  return { rows: sizeOf(shape.slice(0, -1)), width: shape[shape.length - 1] ?? 1 };
}

/** Names in a kernel over rows: arrays by key, the row, the width and, in a kernel over elements, the column. */
export interface RowNames<K extends string> {
  readonly program: Program;
  readonly of: { readonly [Key in K]: string };
  readonly row: string;
  readonly width: string;
}

type Arrays<K extends string> = { readonly [Key in K]: DeviceArray };

/** One number a row. */
export function perRow<K extends string>(
  device: Device,
  { rows, width }: Rows,
  arrays: Arrays<K>,
  body: (names: RowNames<K>) => string,
): Awaitable<DeviceArray> {
  const program = new Program();
  const of = nameAll(program, arrays);
  const names = { program, of, row: 'this.thread.x', width: program.integer(width) };
  return program.run(device, [rows], body(names));
}

/** One number an element, which stands at `at` of its row, and at `index` of the array. */
export function perElement<K extends string>(
  device: Device,
  { rows, width }: Rows,
  arrays: Arrays<K>,
  body: (names: RowNames<K> & { readonly at: string; readonly index: string }) => string,
): Awaitable<DeviceArray> {
  const program = new Program();
  const of = nameAll(program, arrays);
  const {
    output,
    at: [row, at],
  } = gridOf(program, [rows, width]);
  const size = program.integer(width);
  const names = { program, of, row, width: size, at, index: `${row} * ${size} + ${at}` };
  return program.run(device, output, body(names));
}

function nameAll<K extends string>(
  program: Program,
  arrays: Arrays<K>,
): { readonly [Key in K]: string } {
  const entries = Object.entries<DeviceArray>(arrays);
  return Object.fromEntries(entries.map(([key, array]) => [key, program.array(array)])) as {
    readonly [Key in K]: string;
  };
}
