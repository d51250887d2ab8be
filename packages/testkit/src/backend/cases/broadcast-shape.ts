import type { Shape } from '@heddle/core';

/** The shape that NumPy broadcasting gives. */
export function broadcastShape(...shapes: readonly Shape[]): number[] {
  const rank = Math.max(...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((s) => s[axis - rank + s.length] ?? 1);
    return sizes.find((n) => n !== 1) ?? 1;
  });
}
