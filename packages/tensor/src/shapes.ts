import { HeddleError, type Shape } from '@heddle/core';
import { type DeviceTensor, wrongShape } from './tensor.js';

/** NumPy's rule: shapes are aligned at the end; axes fit if equal or 1. Undefined if they do not. */
export function broadcastShapes(shapes: readonly Shape[]): Shape | undefined {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  const result: number[] = new Array(rank).fill(1);
  for (const shape of shapes) {
    const offset = rank - shape.length;
    for (let i = 0; i < shape.length; i++) {
      const n = shape[i];
      if (n === 1 || n === result[offset + i]) continue;
      if (result[offset + i] !== 1) return undefined;
      result[offset + i] = n;
    }
  }
  return result;
}

export function broadcastOf(op: string, inputs: readonly DeviceTensor[]): Shape {
  const shape = broadcastShapes(inputs.map((x) => x.shape));
  if (!shape) throw wrongShape(op, inputs, 'axes, aligned at the end, must be equal or 1');
  return shape;
}

/** An axis counted from the start; negative ones count from the end. */
export function axisOf(op: string, axis: number, rank: number): number {
  const resolved = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || resolved < 0 || resolved >= rank) {
    throw new HeddleError(
      'invalid-argument',
      `${op}: axis ${axis} does not exist in a tensor of rank ${rank}; give ${-rank} to ${rank - 1}.`,
      { argument: 'axis', given: axis },
    );
  }
  return resolved;
}

/** Sorted unique axes; all if none are given. */
export function axesOf(op: string, axes: readonly number[] | undefined, rank: number): number[] {
  if (!axes) return Array.from({ length: rank }, (_, i) => i);
  const resolved = axes.map((axis) => axisOf(op, axis, rank));
  return [...new Set(resolved)].sort((a, b) => a - b);
}

/** `shape`, checked to be one: non-negative safe integers. */
export function checkShape(op: string, shape: Shape): Shape {
  let size = 1;
  for (const n of shape) size *= n;
  if (shape.every((n) => Number.isSafeInteger(n) && n >= 0) && Number.isSafeInteger(size)) {
    return [...shape];
  }
  throw new HeddleError(
    'invalid-argument',
    `${op}: [${shape.join(', ')}] is not a shape; its sizes must be integers from 0 on.`,
    { argument: 'shape', given: shape.map(String) },
  );
}
