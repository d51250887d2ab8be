import { sizeOf } from '@heddle/core';
import type { Kernels } from '../kernel.js';
import type { NativeLibrary } from './abi.js';
import { floats } from './operands.js';

const P = 'void *';

export function activationKernels(
  library: NativeLibrary,
): Kernels<'gelu' | 'geluBackward' | 'swiglu' | 'swigluBackward'> {
  const gelu = library.bind('gelu', ['int', 'int64_t', P, P]);
  const geluBackward = library.bind('gelu_backward', ['int', 'int64_t', P, P, P]);
  const swiglu = library.bind('swiglu', ['int64_t', P, P, P]);
  const swigluBackward = library.bind('swiglu_backward', ['int64_t', P, P, P, P, P]);
  return {
    gelu({ kind, approximate }, [x], [y]) {
      const n = sizeOf(y.shape);
      gelu(approximate === 'tanh' ? 1 : 0, n, floats(kind, x, n), floats(kind, y, n));
    },
    geluBackward({ kind, approximate }, [x, dy], [dx]) {
      const n = sizeOf(dx.shape);
      const form = approximate === 'tanh' ? 1 : 0;
      geluBackward(form, n, floats(kind, x, n), floats(kind, dy, n), floats(kind, dx, n));
    },
    swiglu({ kind }, [gate, up], [y]) {
      const n = sizeOf(y.shape);
      swiglu(n, floats(kind, gate, n), floats(kind, up, n), floats(kind, y, n));
    },
    swigluBackward({ kind }, inputs, outputs) {
      const n = sizeOf(outputs[0].shape);
      swigluBackward(n, ...[...inputs, ...outputs].map((operand) => floats(kind, operand, n)));
    },
  };
}
