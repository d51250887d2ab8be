import type { CompareKind, Tensor } from '@heddle/core';
import { track } from '../graph.js';
import { backendOf, run } from '../run.js';
import { broadcastOf } from '../shapes.js';
import { integer } from '../tensor.js';
import { reduceTo } from './broadcast.js';
import { type Operand, operands } from './operand.js';

function compare(kind: CompareKind, left: Operand, right: Operand): Tensor {
  const inputs = operands(kind, [left, right]);
  backendOf(kind, inputs);
  return run({ kind }, inputs, broadcastOf(kind, inputs), 'i32');
}

/** i32: 1 where a = b, else 0, with broadcasting. NaN equals nothing. */
export function equal(a: Operand, b: Operand): Tensor {
  return compare('equal', a, b);
}

/** i32: 1 where a < b, else 0, with broadcasting. */
export function less(a: Operand, b: Operand): Tensor {
  return compare('less', a, b);
}

/** a where the i32 `condition` is not 0, else b; all three broadcast. */
export function select(condition: Tensor, a: Operand, b: Operand): Tensor {
  const c = integer(condition, 'select');
  const [x, y] = operands('select', [a, b]);
  const all = [c, x, y];
  backendOf('select', all);
  const out = run({ kind: 'select' }, all, broadcastOf('select', all), x.dtype);
  return track('select', out, [x, y], (needs, save) => {
    const mask = save(c);
    const shapes = [x.shape, y.shape];
    return (dy) => [
      needs[0] ? reduceTo(select(mask, dy, 0), shapes[0]) : undefined,
      needs[1] ? reduceTo(select(mask, 0, dy), shapes[1]) : undefined,
    ];
  });
}
