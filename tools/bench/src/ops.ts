import {
  type Backend,
  costOf,
  type DeviceBuffer,
  sizeOf,
  type TypedArray,
  type View,
} from '@heddle/core';
import { type CpuOptions, cpu } from '@heddle/cpu';
import { type Machine, startMachine } from './machine.js';
import { OP_CASES, type OpCase, type OperandSpec } from './op-cases.js';
import { table } from './report.js';
import { median } from './statistics.js';

/** What one operation reached. Rates a second; shares of what the machine reached right before. */
interface Reached {
  readonly name: string;
  readonly milliseconds: number;
  readonly flops: number;
  readonly bytes: number;
  readonly ofPeak: number;
  readonly ofBandwidth: number;
}

export interface OpsOptions {
  readonly rounds: number;
  readonly threads: number;
  readonly kernels: CpuOptions['kernels'];
  /** Only operations whose names hold this. */
  readonly only: string;
}

/** Operands of one case lie in so much memory that none is in the cache when its turn comes again. */
const ROTATED_BYTES = 128 * 2 ** 20;
const MOST_SETS = 16;
/** A round of one operation takes about so long. */
const ROUND_MILLISECONDS = 40;

/**
 * The table of operations: time, rates, and the share of the roofline (Williams et al. 2009), which is
 * the time that arithmetic at the peak or traffic at the full bandwidth would take, whichever is longer.
 * Peak and bandwidth are measured in turn with the operations.
 */
export async function measureOps(options: OpsOptions): Promise<readonly Reached[]> {
  const backend = cpu({ threads: options.threads, kernels: options.kernels });
  console.log(`${backend.description}\n`);
  const machine = await startMachine(options.threads);
  try {
    const chosen = OP_CASES.filter(({ name }) => name.includes(options.only));
    const reached: Reached[] = [];
    for (const each of chosen)
      reached.push(await measureOp(backend, machine, each, options.rounds));
    console.log(formatOps(reached));
    const peaks = [await machine.measure('f32'), await machine.measure('bf16')];
    const read = await machine.measure('read');
    console.log(
      `\nThe machine: ${peaks.map((x) => (x / 1e9).toFixed(0)).join(' and ')} GFLOP/s in f32 and bf16, ` +
        `${(read / 1e9).toFixed(1)} GB/s from memory.`,
    );
    return reached;
  } finally {
    await machine.end();
    await backend[Symbol.asyncDispose]();
  }
}

async function measureOp(
  backend: Backend,
  machine: Machine,
  { name, op, inputs, outputs, inPlace = [], precision }: OpCase,
  rounds: number,
): Promise<Reached> {
  const buffers: DeviceBuffer[] = [];
  const make = (spec: OperandSpec): View => {
    const buffer = backend.alloc(sizeOf(spec.shape), spec.dtype ?? 'f32');
    buffers.push(buffer);
    backend.write(buffer, valuesOf(spec));
    return { buffer, shape: spec.shape };
  };
  const makeSet = () => {
    const given = inputs.map(make);
    return { given, made: [...inPlace.map((i) => given[i]), ...outputs.map(make)] };
  };
  const first = makeSet();
  const { flops, bytes } = costOf(op, first.given, first.made);
  const count = Math.min(MOST_SETS, Math.max(2, Math.ceil(ROTATED_BYTES / bytes)));
  const sets = [first, ...Array.from({ length: count - 1 }, makeSet)];
  let turn = 0;
  const run = (times: number): number => {
    const began = performance.now();
    for (let i = 0; i < times; i++) {
      const { given, made } = sets[turn++ % count];
      backend.run(op, given, made);
    }
    return (performance.now() - began) / times;
  };
  const times = Math.max(1, Math.round(ROUND_MILLISECONDS / run(count)));
  const measured = [];
  for (let round = 0; round < rounds; round++) {
    const peak = (await machine.measure(precision)) || (await machine.measure('f32'));
    const bandwidth = await machine.measure('read');
    run(1); // wakes the threads
    const milliseconds = run(times);
    measured.push({
      milliseconds,
      ofPeak: flops / milliseconds / (peak / 1000),
      ofBandwidth: bytes / milliseconds / (bandwidth / 1000),
    });
  }
  for (const buffer of buffers) backend.free(buffer);
  const milliseconds = median(measured.map((each) => each.milliseconds));
  return {
    ...{ name: precision === 'bf16' ? `${name}, bf16` : name, milliseconds },
    ...{ flops: flops / milliseconds / 1e-3, bytes: bytes / milliseconds / 1e-3 },
    ofPeak: median(measured.map((each) => each.ofPeak)),
    ofBandwidth: median(measured.map((each) => each.ofBandwidth)),
  };
}

/** Values around 0 of the same kind as activations; ids below their bound. */
function valuesOf({ shape, dtype = 'f32', below = 1 }: OperandSpec): TypedArray {
  const size = sizeOf(shape);
  if (dtype === 'i32') return Int32Array.from({ length: size }, (_, i) => (i * 7919) % below);
  if (dtype === 'bf16') return new Uint16Array(size).fill(0x3f00);
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) values[i] = ((i * 2654435761) % 1024) / 1024 - 0.5;
  return values;
}

const percent = (share: number): string => `${(100 * share).toFixed(0)}%`;

/** `roofline` is the larger of both shares. */
export function formatOps(reached: readonly Reached[]): string {
  return table([
    ['operation', 'ms', 'GFLOP/s', 'of peak', 'GB/s', 'of memory', 'roofline'],
    ...reached.map(({ name, milliseconds, flops, bytes, ofPeak, ofBandwidth }) => [
      name,
      milliseconds.toFixed(3),
      (flops / 1e9).toFixed(1),
      percent(ofPeak),
      (bytes / 1e9).toFixed(1),
      percent(ofBandwidth),
      percent(Math.max(ofPeak, ofBandwidth)),
    ]),
  ]);
}
