import { map } from './map.js';
import type { Computes } from './operation.js';

/** gelu(x) = x sigmoid(2 u(x)), which has no difference that cancels far below 0. */
const U = (x: string): string => `1.5957691216 * (${x} + 0.044715 * ${x} * ${x} * ${x})`;
const SLOPE_OF_U = (x: string): string => `1.5957691216 * (1 + 0.134145 * ${x} * ${x})`;

export const activations: Computes<'gelu' | 'geluBackward' | 'swiglu' | 'swigluBackward'> = {
  gelu: (device, { approximate }, [x], [y]) =>
    map(device, y.shape, [x], ([v]) =>
      approximate === 'tanh'
        ? `return ${v} * sigmoidOf(${U(v)});`
        : `return ${v} * normalOf(${v});`,
    ),

  geluBackward: (device, { approximate }, inputs, [dx]) =>
    map(device, dx.shape, inputs, ([v, dy]) =>
      approximate === 'tanh'
        ? `const s = sigmoidOf(${U(v)});
return ${dy} * (s + ${v} * s * (1 - s) * ${SLOPE_OF_U(v)});`
        : `return ${dy} * (normalOf(${v}) + ${v} * expOf(-0.5 * ${v} * ${v}) * 0.3989422804);`,
    ),

  swiglu: (device, _, inputs, [y]) =>
    map(device, y.shape, inputs, ([gate, up]) => `return ${gate} * sigmoidOf(${gate}) * ${up};`),

  swigluBackward: async (device, _, inputs, [dgate]) => [
    await map(
      device,
      dgate.shape,
      inputs,
      ([gate, up, dy]) => `const s = sigmoidOf(${gate});
return ${dy} * ${up} * s * (1 + ${gate} * (1 - s));`,
    ),
    await map(
      device,
      dgate.shape,
      [inputs[0], inputs[2]],
      ([gate, dy]) => `return ${dy} * ${gate} * sigmoidOf(${gate});`,
    ),
  ],
};
