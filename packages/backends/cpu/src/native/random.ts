import { sizeOf } from '@heddle/core';
import type { Kernels } from '../kernel.js';
import type { NativeLibrary } from './abi.js';
import { floats } from './operands.js';

export function randomKernels(library: NativeLibrary): Kernels<'randomUniform' | 'dropout'> {
  const random = library.bind('random', [
    'uint32_t',
    'uint32_t',
    'double',
    'int64_t',
    'void *',
    'void *',
  ]);
  return {
    randomUniform({ kind, key }, _inputs, [y]) {
      const n = sizeOf(y.shape);
      random(key[0], key[1], 0, n, null, floats(kind, y, n));
    },
    dropout({ kind, key, rate }, [x], [y]) {
      const n = sizeOf(y.shape);
      const from = floats(kind, x, n);
      // Without elements there is no address, which to the kernel means "no x".
      if (n > 0) random(key[0], key[1], rate, n, from, floats(kind, y, n));
    },
  };
}
