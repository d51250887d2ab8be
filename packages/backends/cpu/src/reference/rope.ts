import type { Kernels } from '../kernel.js';

/** Rotary positions (Su et al. 2021): each pair (i, i + D/2) is turned by its position's angle. */
export const rotary: Kernels<'rope'> = {
  rope({ inverse }, [x, cos, sin], [y]) {
    const [b, t, h, d] = x.shape;
    const half = d / 2;
    const shared = cos.shape[0] === 1;
    for (let row = 0; row < b * t; row++) {
      const angle = (shared ? row % t : row) * half;
      for (let head = 0; head < h; head++) {
        const at = (row * h + head) * d;
        for (let i = 0; i < half; i++) {
          const c = cos.data[angle + i];
          const s = inverse ? -sin.data[angle + i] : sin.data[angle + i];
          const first = x.data[at + i];
          const second = x.data[at + half + i];
          y.data[at + i] = first * c - second * s;
          y.data[at + half + i] = second * c + first * s;
        }
      }
    }
  },
};
