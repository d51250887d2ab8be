import type { Kernels } from '../kernel.js';

export const softmax: Kernels<'softmax' | 'softmaxBackward'> = {
  softmax(_op, [x], [y]) {
    const n = x.shape[x.shape.length - 1];
    for (let at = 0; at < y.data.length; at += n) {
      let max = Number.NEGATIVE_INFINITY;
      for (let i = 0; i < n; i++) max = Math.max(max, x.data[at + i]);
      if (max === Number.NEGATIVE_INFINITY) {
        y.data.fill(0, at, at + n);
        continue;
      }
      let sum = 0;
      for (let i = 0; i < n; i++) sum += Math.exp(x.data[at + i] - max);
      for (let i = 0; i < n; i++) y.data[at + i] = Math.exp(x.data[at + i] - max) / sum;
    }
  },

  softmaxBackward(_op, [y, dy], [dx]) {
    const n = y.shape[y.shape.length - 1];
    for (let at = 0; at < dx.data.length; at += n) {
      let dot = 0;
      for (let i = 0; i < n; i++) dot += y.data[at + i] * dy.data[at + i];
      for (let i = 0; i < n; i++) dx.data[at + i] = y.data[at + i] * (dy.data[at + i] - dot);
    }
  },
};
