import type { Kernels } from '../kernel.js';
import { erf } from './erf.js';

const SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

function geluTanh(x: number): number {
  return 0.5 * x * (1 + Math.tanh(SQRT_2_OVER_PI * (x + CUBIC * x * x * x)));
}

function geluTanhSlope(x: number): number {
  const t = Math.tanh(SQRT_2_OVER_PI * (x + CUBIC * x * x * x));
  return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * SQRT_2_OVER_PI * (1 + 3 * CUBIC * x * x);
}

function geluErf(x: number): number {
  return 0.5 * x * (1 + erf(x * Math.SQRT1_2));
}

function geluErfSlope(x: number): number {
  return 0.5 * (1 + erf(x * Math.SQRT1_2)) + (x * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

export const activations: Kernels<'gelu' | 'geluBackward' | 'swiglu' | 'swigluBackward'> = {
  gelu({ approximate }, [x], [y]) {
    const f = approximate === 'tanh' ? geluTanh : geluErf;
    for (let i = 0; i < y.data.length; i++) y.data[i] = f(x.data[i]);
  },

  geluBackward({ approximate }, [x, dy], [dx]) {
    const slope = approximate === 'tanh' ? geluTanhSlope : geluErfSlope;
    for (let i = 0; i < dx.data.length; i++) dx.data[i] = dy.data[i] * slope(x.data[i]);
  },

  swiglu(_op, [gate, up], [y]) {
    for (let i = 0; i < y.data.length; i++)
      y.data[i] = gate.data[i] * sigmoid(gate.data[i]) * up.data[i];
  },

  swigluBackward(_op, [gate, up, dy], [dgate, dup]) {
    for (let i = 0; i < dgate.data.length; i++) {
      const x = gate.data[i];
      const s = sigmoid(x);
      const d = dy.data[i];
      const u = up.data[i];
      dgate.data[i] = d * u * s * (1 + x * (1 - s));
      dup.data[i] = d * x * s;
    }
  },
};
