import type { Kernels } from '../../kernel.js';
import type { HostMemory, Numbers } from './memory.js';

/** Where row `id` begins. Beyond the table there is memory of others. */
function rowAt(ids: Numbers, i: number, count: number, width: number): number {
  const id = ids[i];
  if (id >= 0 && id < count) return id * width;
  throw new Error(`id ${id} given where 0 to ${count - 1} exist`);
}

export function indexedKernels(memory: HostMemory): Kernels<'gather' | 'scatterAdd'> {
  return {
    gather(_op, [table, ids], [{ shape }]) {
      const result = memory.make(shape, table.dtype);
      const [from, at, to] = [table, ids, result].map((x) => memory.numbers(x));
      const [count, width] = [table.shape[0], table.size / table.shape[0]];
      for (let i = 0; i < at.length; i++) {
        const row = rowAt(at, i, count, width);
        if (width === 1) to[i] = from[row];
        else to.set(from.subarray(row, row + width), i * width);
      }
      return result;
    },

    scatterAdd(_op, [base, ids, rows]) {
      const result = memory.make(base.shape, base.dtype);
      const [before, at, from, to] = [base, ids, rows, result].map((x) => memory.numbers(x));
      to.set(before);
      const [count, width] = [base.shape[0], base.size / base.shape[0]];
      for (let i = 0; i < at.length; i++) {
        const row = rowAt(at, i, count, width);
        const next = i * width;
        for (let j = 0; j < width; j++) to[row + j] += from[next + j];
      }
      return result;
    },
  };
}
