import { checkIndices } from '../indices.js';
import type { Kernels } from '../kernel.js';

export const gathers: Kernels<'gather' | 'scatterAdd'> = {
  gather({ kind }, [table, ids], [y]) {
    checkIndices(kind, ids.data, table.shape[0]);
    const row = table.shape.slice(1).reduce((size, n) => size * n, 1);
    for (let i = 0; i < ids.data.length; i++) {
      const from = ids.data[i] * row;
      for (let j = 0; j < row; j++) y.data[i * row + j] = table.data[from + j];
    }
  },

  scatterAdd({ kind }, [base, ids, rows], [y]) {
    checkIndices(kind, ids.data, base.shape[0]);
    const row = base.shape.slice(1).reduce((size, n) => size * n, 1);
    if (y.data !== base.data) y.data.set(base.data);
    for (let i = 0; i < ids.data.length; i++) {
      const to = ids.data[i] * row;
      for (let j = 0; j < row; j++) y.data[to + j] += rows.data[i * row + j];
    }
  },
};
