import type { Backend, View } from './backend.js';
import { costOf } from './cost.js';
import { HeddleError } from './errors.js';
import type { Op } from './op.js';

export interface ProfilerOptions {
  /** Operations that the trace keeps, the first ones; the table counts all. Default 200,000, some 50 MB. */
  readonly maxEvents?: number;
  /** A clock in milliseconds. Default: `performance.now`. */
  readonly now?: () => number;
}

/** All operations of one kind and layout together. */
export interface ProfileRow {
  /** The kind and what tells its variants apart, e.g. `matmul NT`, `linear NN bias residual bf16`. */
  readonly name: string;
  readonly calls: number;
  readonly milliseconds: number;
  readonly flops: number;
  readonly bytes: number;
}

interface Event {
  readonly name: string;
  /** Milliseconds since the profiler was made. */
  readonly start: number;
  readonly milliseconds: number;
  readonly flops: number;
  readonly bytes: number;
  /** Dtypes and shapes of what went in and came out. */
  readonly operands: Operands;
}

interface Operands {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * Times operations. `profiled` gives it those of a backend; a backend of one's own calls `start`
 * before an operation and `record` after it. On a backend that works asynchronously the times are
 * those of enqueueing, not of the device.
 */
export class Profiler {
  readonly #now: () => number;
  readonly #origin: number;
  readonly #maxEvents: number;
  readonly #rows = new Map<string, { -readonly [K in keyof ProfileRow]: ProfileRow[K] }>();
  readonly #events: Event[] = [];
  /** Few shapes come again and again: each set of operands is kept once. */
  readonly #operands = new Map<string, Operands>();
  #calls = 0;
  #first = 0;
  #last = 0;

  constructor({ maxEvents = 200_000, now = () => performance.now() }: ProfilerOptions = {}) {
    if (!Number.isSafeInteger(maxEvents) || maxEvents < 0) {
      throw new HeddleError(
        'invalid-argument',
        `\`maxEvents\` must be a whole number from 0 on; it is ${maxEvents}.`,
        { argument: 'maxEvents', given: maxEvents },
      );
    }
    this.#maxEvents = maxEvents;
    this.#now = now;
    this.#origin = now();
  }

  /** The time to give to `record` once the operation that begins now has run. */
  start(): number {
    return this.#now();
  }

  /** Notes an operation that began at `start` and has just run. */
  record(op: Op, inputs: readonly View[], outputs: readonly View[], start: number): void {
    this.#last = this.#now();
    const milliseconds = this.#last - start;
    if (this.#calls === 0) this.#first = start;
    const { flops, bytes } = costOf(op, inputs, outputs);
    const name = nameOf(op);
    const row = this.#rows.get(name);
    if (row === undefined) this.#rows.set(name, { name, calls: 1, milliseconds, flops, bytes });
    else {
      row.calls++;
      row.milliseconds += milliseconds;
      row.flops += flops;
      row.bytes += bytes;
    }
    this.#calls++;
    if (this.#events.length >= this.#maxEvents) return;
    const operands = this.#intern(inputs, outputs);
    const began = start - this.#origin;
    this.#events.push({ name, start: began, milliseconds, flops, bytes, operands });
  }

  /** Operations that the trace leaves out, because it was full. */
  get dropped(): number {
    return this.#calls - this.#events.length;
  }

  /** Milliseconds from the beginning of the first operation to the end of the last. */
  get elapsed(): number {
    return this.#last - this.#first;
  }

  /** All operations so far by kind and layout, what took longest first. */
  rows(): readonly ProfileRow[] {
    return [...this.#rows.values()]
      .map((row) => ({ ...row }))
      .sort((a, b) => b.milliseconds - a.milliseconds);
  }

  /**
   * The operations as JSON in Chrome's trace event format, which Perfetto (ui.perfetto.dev) and
   * chrome://tracing open. `process`: what to call the backend there.
   */
  trace(process = 'heddle'): string {
    const lines = this.#events.map((event) => JSON.stringify(traceEvent(event)));
    const named = { name: 'process_name', ph: 'M', pid: 1, tid: 1, args: { name: process } };
    const notice = this.dropped === 0 ? {} : { notice: droppedNotice(this.dropped) };
    return `{"displayTimeUnit":"ms","otherData":${JSON.stringify(notice)},"traceEvents":[\n${[
      JSON.stringify(named),
      ...lines,
    ].join(',\n')}\n]}\n`;
  }

  #intern(inputs: readonly View[], outputs: readonly View[]): Operands {
    const described = { inputs: inputs.map(describe), outputs: outputs.map(describe) };
    const key = `${described.inputs.join(' ')} > ${described.outputs.join(' ')}`;
    const known = this.#operands.get(key);
    if (known !== undefined) return known;
    this.#operands.set(key, described);
    return described;
  }
}

/** The same backend, with its operations timed by `profiler`. Use it in place of the other from the start. */
export function profiled(backend: Backend, profiler: Profiler): Backend {
  return {
    contract: backend.contract,
    name: backend.name,
    dtypes: backend.dtypes,
    alloc: (size, dtype) => backend.alloc(size, dtype),
    write: (buffer, data) => backend.write(buffer, data),
    read: (buffer) => backend.read(buffer),
    free: (buffer) => backend.free(buffer),
    supports: (op, dtype) => backend.supports(op, dtype),
    run(op, inputs, outputs) {
      const start = profiler.start();
      backend.run(op, inputs, outputs);
      profiler.record(op, inputs, outputs, start);
    },
    sync: () => backend.sync(),
    memory: () => backend.memory(),
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  };
}

/** A table of at most 80 columns: calls, time, share of the time of all operations, and rates. */
export function formatProfile(profiler: Profiler): string {
  const rows = profiler.rows();
  const all = rows.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const share = (milliseconds: number): string =>
    all === 0 ? '-' : `${((100 * milliseconds) / all).toFixed(1)}%`;
  const rate = (amount: number, milliseconds: number): string =>
    amount === 0 || milliseconds === 0 ? '-' : (amount / milliseconds / 1e6).toFixed(1);
  const cells = [
    ['operation', 'calls', 'ms', 'share', 'GFLOP/s', 'GB/s'],
    ...rows.map(({ name, calls, milliseconds, flops, bytes }) => [
      name.length <= NAME ? name : `${name.slice(0, NAME - 1)}…`,
      String(calls),
      milliseconds.toFixed(1),
      share(milliseconds),
      rate(flops, milliseconds),
      rate(bytes, milliseconds),
    ]),
    ['all', String(rows.reduce((sum, { calls }) => sum + calls, 0)), all.toFixed(1), '', '', ''],
  ];
  const widths = cells[0].map((_, c) => Math.max(...cells.map((row) => row[c].length)));
  const lines = cells.map((row) =>
    row
      .map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c])))
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  const seconds = (profiler.elapsed / 1000).toFixed(2);
  const busy = profiler.elapsed === 0 ? '' : ` (${((100 * all) / profiler.elapsed).toFixed(1)}%)`;
  lines.push(
    '',
    `${(all / 1000).toFixed(2)} s${busy} of ${seconds} s from first to last went to operations.`,
  );
  return lines.join('\n');
}

/** Columns of a name in the table: with five columns of figures it stays within 80. */
const NAME = 36;

function droppedNotice(dropped: number): string {
  return `The trace was full: ${dropped} later operations are not in it.`;
}

/** Times in microseconds. */
function traceEvent({ name, start, milliseconds, flops, bytes, operands }: Event) {
  return {
    name,
    cat: name.split(' ', 1)[0],
    ph: 'X',
    pid: 1,
    tid: 1,
    ts: round(1000 * start),
    dur: round(1000 * milliseconds),
    args: { ...operands, flops, bytes },
  };
}

/** To nanoseconds. */
const round = (microseconds: number): number => Math.round(1000 * microseconds) / 1000;

/** e.g. f32[12, 256, 384] */
function describe({ buffer, shape }: View): string {
  return `${buffer.dtype}[${shape.join(', ')}]`;
}

/** The kind and what tells its variants apart. */
function nameOf(op: Op): string {
  const parts: (string | false | undefined)[] = [op.kind];
  switch (op.kind) {
    case 'matmul':
      parts.push(layout(op.transposeA, op.transposeB));
      break;
    case 'linear':
      parts.push(layout(false, op.transposeWeight), op.bias && 'bias', op.residual && 'residual');
      break;
    case 'linearActivation':
      parts.push(layout(false, op.transposeWeight), op.bias && 'bias', op.activation);
      break;
    case 'activationLinearBackward':
      parts.push(layout(false, !op.transposeWeight), op.activation);
      break;
    case 'linearBackwardWeight':
      parts.push(layout(true, false), op.bias && 'bias');
      break;
    case 'attention':
    case 'attentionBackward':
      parts.push(op.causal && 'causal', op.window !== undefined && `window=${op.window}`);
      break;
    case 'gelu':
    case 'geluBackward':
      parts.push(op.approximate === 'tanh' && 'tanh');
      break;
    case 'reduceSum':
    case 'reduceMax':
    case 'permute':
      parts.push(op.axes.join(','));
      break;
  }
  if ('accumulate' in op) parts.push(op.accumulate && 'accumulate');
  if ('precision' in op) parts.push(op.precision);
  return parts.filter((part) => part).join(' ');
}

/** As BLAS has it: N for a matrix as it is, T for a transposed one. */
const layout = (a: boolean, b: boolean): string => `${a ? 'T' : 'N'}${b ? 'T' : 'N'}`;
