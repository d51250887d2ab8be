import { type Shape, sizeOf } from '@heddle/core';
import type { Program } from '../program.js';

/** The cells of an output, and the coordinates of a cell as expressions. */
export interface Grid {
  /** Sizes for gpu.js, x first. */
  readonly output: readonly number[];
  /** One for each axis of the shape, outermost first. */
  readonly at: readonly string[];
}

/** WebGPU starts at most 65535 groups along an axis, of 8 cells along x and y and of 1 along z. */
const MOST = 65535;

/**
 * Spreads a shape over the thread's x, y and z: the two innermost axes have a direction of their own, the
 * others share z. Where that is more than a device starts, axes are folded into fewer directions.
 */
export function gridOf(program: Program, shape: Shape): Grid {
  const axes = shape.length === 0 ? [1] : shape;
  const [x, y = 1] = [...axes].reverse();
  if (axes.length === 1) return { output: [x], at: ['this.thread.x'] };
  const rows = axes.slice(0, -1);
  if (x > 8 * MOST || sizeOf(rows) > 8 * MOST) {
    return { output: [sizeOf(axes)], at: unfold(program, 'this.thread.x', axes) };
  }
  const blocks = axes.slice(0, -2);
  if (axes.length === 2 || sizeOf(blocks) > MOST) {
    const outer = unfold(program, 'this.thread.y', rows);
    return { output: [x, sizeOf(rows)], at: [...outer, 'this.thread.x'] };
  }
  const outer = unfold(program, 'this.thread.z', blocks);
  return { output: [x, y, sizeOf(blocks)], at: [...outer, 'this.thread.y', 'this.thread.x'] };
}

/** The coordinates of several axes out of their flat index. */
function unfold(program: Program, flat: string, sizes: Shape): string[] {
  if (sizes.length === 1) return [flat];
  const size = program.integer(sizes[sizes.length - 1]);
  const outer = `quotientOf(${flat}, ${size})`;
  return [...unfold(program, outer, sizes.slice(0, -1)), `(${flat} - ${outer} * ${size})`];
}
