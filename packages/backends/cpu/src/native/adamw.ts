import { sizeOf } from '@heddle/core';
import type { Kernels } from '../kernel.js';
import type { NativeLibrary } from './abi.js';
import { floats } from './operands.js';

export function optimizerKernels(library: NativeLibrary): Kernels<'adamw'> {
  const P = 'void *';
  const D = 'double';
  const adamw = library.bind('adamw', ['int64_t', P, P, P, D, D, D, D, D, D]);
  return {
    adamw({ kind, lr, beta1, beta2, epsilon, weightDecay, step }, [scale, ...inputs], outputs) {
      const parameters = inputs.length / 4;
      const sizes = new Float64Array(parameters);
      const addresses = new BigUint64Array(inputs.length);
      for (let n = 0; n < parameters; n++) {
        const size = sizeOf(inputs[4 * n].shape);
        const [p, g, m, v] = inputs.slice(4 * n, 4 * n + 4).map((x) => floats(kind, x, size));
        const targets = outputs.slice(3 * n, 3 * n + 3).map((y) => floats(kind, y, size));
        [p, m, v].forEach((from, i) => {
          if (targets[i] !== from) targets[i].set(from);
        });
        const [toP, toM, toV] = targets;
        sizes[n] = size;
        [toP, g, toM, toV].forEach((array, i) => {
          addresses[4 * n + i] = library.address(array);
        });
      }
      const factor = floats(kind, scale, 1);
      adamw(parameters, sizes, addresses, factor, lr, beta1, beta2, epsilon, weightDecay, step);
    },
  };
}
