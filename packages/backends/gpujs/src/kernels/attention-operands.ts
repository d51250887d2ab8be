import type { AttentionOptions } from '@heddle/core';
import type { DeviceArray } from '../device.js';
import type { Program } from '../program.js';
import type { Operand } from './operation.js';

/** Sizes: q [B, T, H, D], k and v [B, rows, G, D] of which the first S exist. */
export interface Sizes {
  readonly b: number;
  readonly t: number;
  readonly h: number;
  readonly d: number;
  readonly s: number;
  readonly g: number;
}

/** Heads of rows of positions: where the first one begins, and how far it is to the next row. */
export interface Heads {
  readonly value: DeviceArray;
  /** Rows a batch. */
  readonly rows: number;
  /** Heads a row in memory. */
  readonly stride: number;
  /** The first head. */
  readonly first: number;
}

export interface AttentionOperands {
  readonly op: AttentionOptions;
  readonly sizes: Sizes;
  readonly q: Heads;
  readonly k: Heads;
  readonly v: Heads;
  /** Segments of the queries and of the keys. */
  readonly segments: readonly DeviceArray[];
  /** What the operation reads besides. */
  readonly others: readonly DeviceArray[];
}

/** Finds q, k and v in what an operation is given, be they apart or packed; `count` arrays follow them. */
export function attentionOperands(
  op: AttentionOptions,
  inputs: readonly Operand[],
  count: number,
): AttentionOperands {
  const values = inputs.map((x) => x.value);
  const packed = op.packedGroups;
  const own = packed === undefined ? 3 : 1;
  const others = values.slice(own, own + count);
  const segments = values.slice(own + count);
  const [b, t, all, d] = inputs[0].shape;
  if (packed !== undefined) {
    const [g, h] = [packed, all - 2 * packed];
    const heads = (first: number): Heads => ({ value: values[0], rows: t, stride: all, first });
    const sizes = { b, t, h, d, s: t, g };
    return { op, sizes, q: heads(0), k: heads(h), v: heads(h + g), segments, others };
  }
  const [, rows, g] = inputs[1].shape;
  const keys = (value: DeviceArray): Heads => ({ value, rows, stride: g, first: 0 });
  return {
    op,
    sizes: { b, t, h: all, d, s: op.keyLength ?? rows, g },
    q: { value: values[0], rows: t, stride: all, first: 0 },
    k: keys(values[1]),
    v: keys(values[2]),
    segments,
    others,
  };
}

/** The index of the first element of a head, in a kernel that has the array as an argument. */
export function headAt(
  program: Program,
  { rows, stride, first }: Heads,
  d: number,
  [batch, row, head]: readonly string[],
): string {
  const own = first === 0 ? head : `${head} + ${program.integer(first)}`;
  const position = `${batch} * ${program.integer(rows)} + ${row}`;
  return `((${position}) * ${program.integer(stride)} + ${own}) * ${program.integer(d)}`;
}

/** The group of keys that a head of queries reads. */
export function groupOf(program: Program, { h, g }: Sizes, head: string): string {
  return h === g ? head : `quotientOf(${head}, ${program.integer(h / g)})`;
}

/** Whether query i sees key j, as an expression. */
export function visible(
  program: Program,
  { op, sizes: { t, s }, segments, k }: AttentionOperands,
  [batch, i, j]: readonly string[],
): string {
  const conditions: string[] = [];
  if (op.causal) conditions.push(`${j} <= ${i} + ${program.integer(s - t)}`);
  if (op.causal && op.window !== undefined)
    conditions.push(`${j} > ${i} + ${program.integer(s - t - op.window)}`);
  if (segments.length > 0) {
    const [queries, keys] = segments.map((array) => program.array(array));
    const query = `${queries}[${batch} * ${program.integer(t)} + ${i}]`;
    const key = `${keys}[${batch} * ${program.integer(k.rows)} + ${j}]`;
    conditions.push(`${query} === ${key}`);
  }
  return conditions.length === 0 ? `${j} >= 0` : conditions.join(' && ');
}
