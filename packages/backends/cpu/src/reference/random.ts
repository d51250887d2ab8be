import { philox, type RngKey } from '@heddle/core';
import type { Kernels } from '../kernel.js';

/** Calls `each` with the index and value of the uniform numbers 0 … count-1 of a key's stream. */
function forEachUniform(
  key: RngKey,
  count: number,
  each: (i: number, uniform: number) => void,
): void {
  const block = new Uint32Array(4);
  for (let i = 0; i < count; i++) {
    const counter = Math.floor(i / 4);
    if (i % 4 === 0) philox(key, counter >>> 0, Math.floor(counter / 2 ** 32), 0, 0, block);
    each(i, (block[i % 4] >>> 8) * 2 ** -24);
  }
}

export const random: Kernels<'randomUniform' | 'dropout'> = {
  randomUniform({ key }, _inputs, [y]) {
    forEachUniform(key, y.data.length, (i, uniform) => {
      y.data[i] = uniform;
    });
  },

  dropout({ key, rate }, [x], [y]) {
    const keep = Math.fround(1 - rate);
    forEachUniform(key, y.data.length, (i, uniform) => {
      y.data[i] = uniform >= rate ? x.data[i] / keep : 0;
    });
  },
};
