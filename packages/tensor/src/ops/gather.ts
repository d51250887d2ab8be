import { HeddleError, sameShape, type Tensor } from '@heddle/core';
import { zeros } from '../create.js';
import { track } from '../graph.js';
import { backendOf, run, runInto } from '../run.js';
import { type DeviceTensor, device, floating, integer, sameDType, wrongShape } from '../tensor.js';

/**
 * Rows of a table. table: [V, ...R], ids: i32 [...I] -> [...I, ...R].
 *
 * @throws invalid-argument if ids that the host made reach outside 0 … V-1.
 */
export function gather(rows: Tensor, indices: Tensor): Tensor {
  const table = device(rows, 'gather');
  const ids = integer(indices, 'gather');
  backendOf('gather', [table, ids]);
  if (table.shape.length === 0) throw wrongShape('gather', [table, ids], 'the table needs an axis');
  checkIds('gather', ids, table.shape[0]);
  const y = run(
    { kind: 'gather' },
    [table, ids],
    [...ids.shape, ...table.shape.slice(1)],
    table.dtype,
  );
  return track('gather', y, [table], (_, save) => {
    const saved = save(ids);
    return (dy, [sum]) => {
      const target = sum ?? (zeros(table.backend, table.shape, table.dtype) as DeviceTensor);
      runInto({ kind: 'scatterAdd' }, [target, saved, dy as DeviceTensor], [target]);
      return [target];
    };
  });
}

/** `base` with each of `rows` added at its id; repeated ids add up. base: [V, ...R], ids: i32 [...I], rows: [...I, ...R]. */
export function scatterAdd(base: Tensor, indices: Tensor, rows: Tensor): Tensor {
  const table = floating(base, 'scatterAdd');
  const ids = integer(indices, 'scatterAdd');
  const values = floating(rows, 'scatterAdd');
  backendOf('scatterAdd', [table, ids, values]);
  sameDType('scatterAdd', [table, values]);
  if (
    table.shape.length === 0 ||
    !sameShape(values.shape, [...ids.shape, ...table.shape.slice(1)])
  ) {
    throw wrongShape(
      'scatterAdd',
      [table, ids, values],
      'base [V, ...R] and ids [...I] need rows [...I, ...R]',
    );
  }
  checkIds('scatterAdd', ids, table.shape[0]);
  const y = run({ kind: 'scatterAdd' }, [table, ids, values], table.shape);
  return track('scatterAdd', y, [table, values], (needs, save) => {
    const saved = save(ids);
    return (dy) => [dy, needs[1] ? gather(dy, saved) : undefined];
  });
}

/** Throws if ids are known to lie outside 0 … size-1 (other than `ignored`). */
export function checkIds(op: string, ids: DeviceTensor, size: number, ignored = 0): void {
  if (!ids.storage.bounds) return;
  const [low, high] = ids.storage.bounds;
  if (high < size && (low >= 0 || low === ignored)) return;
  throw new HeddleError(
    'invalid-argument',
    `${op}: ids from ${low} to ${high} given where 0 to ${size - 1} exist. ` +
      'Use the tokenizer that the model was made for, and positions within its context.',
    { argument: 'ids', given: [low, high] },
  );
}
