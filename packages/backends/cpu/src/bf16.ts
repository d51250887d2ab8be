import type { Op, OpKind, TypedArray } from '@heddle/core';
import type { Kernel, Operand } from './kernel.js';
import { isBf16 } from './reference/bf16.js';
import { gathers } from './reference/gather.js';
import { layout } from './reference/layout.js';

/*
 * How kernels of f32 serve bf16: what only moves elements moves their bits, linear layers stream
 * their weight as it is (one row of generation takes half the memory traffic), and all else is
 * widened to f32 and rounded back.
 */

type AnyKernel = (op: Op, inputs: readonly Operand[], outputs: readonly Operand[]) => void;

/** Kernels that do nothing with elements but move them. */
const MOVES = { ...layout, gather: gathers.gather } as const;
const MOVING: ReadonlySet<OpKind> = new Set<OpKind>([
  'permute',
  'slice',
  'concat',
  'broadcast',
  'updateSlice',
  'gather',
]);

/** Kinds whose kernels take a bf16 weight (their second input) beside f32 operands. */
const WEIGHTED: ReadonlySet<OpKind> = new Set<OpKind>(['linear', 'linearActivation']);

/** A place for f32 elements that kernels can reach. */
export interface Space {
  readonly data: Float32Array;
  release(): void;
}

/** The kernel of a kind for operands of any floating dtype. */
export function takingBf16(
  kind: OpKind,
  kernel: AnyKernel,
  cast: Kernel<'cast'>,
  reserve: (size: number) => Space,
): AnyKernel {
  if (kind === 'cast') return kernel;
  return (op, inputs, outputs) => {
    const others = WEIGHTED.has(kind) ? inputs.filter((_, i) => i !== 1) : inputs;
    if (![...others, ...outputs].some(({ data }) => isBf16(data))) {
      kernel(op, inputs, outputs);
    } else if (MOVING.has(kind)) {
      (MOVES[kind as keyof typeof MOVES] as AnyKernel)(op, inputs, outputs);
    } else {
      widened(kernel, cast, reserve, op, inputs, outputs);
    }
  };
}

/** Runs the kernel on f32 copies; an array that is an input and an output has one copy. */
function widened(
  kernel: AnyKernel,
  cast: Kernel<'cast'>,
  reserve: (size: number) => Space,
  op: Op,
  inputs: readonly Operand[],
  outputs: readonly Operand[],
): void {
  const spaces = new Map<TypedArray, Space>();
  const wide = ({ data, shape }: Operand): Operand => {
    if (!isBf16(data)) return { data, shape };
    let space = spaces.get(data);
    if (space === undefined) {
      space = reserve(data.length);
      spaces.set(data, space);
    }
    return { data: space.data, shape };
  };
  try {
    const sources = inputs.map((x) => {
      const copy = wide(x);
      if (copy.data !== x.data) cast({ kind: 'cast' }, [x], [copy]);
      return copy;
    });
    const targets = outputs.map(wide);
    kernel(op, sources, targets);
    targets.forEach((copy, i) => {
      if (copy.data !== outputs[i].data) cast({ kind: 'cast' }, [copy], [outputs[i]]);
    });
  } finally {
    for (const space of spaces.values()) space.release();
  }
}
