import type { Kernels } from '../kernel.js';
import type { NativeLibrary } from './library.js';
import { floats } from './operands.js';

const P = 'void *';
const N = 'int64_t';

export function matmulKernels(library: NativeLibrary): Kernels<'matmul' | 'linear'> {
  const matmul = library.bind('matmul', [N, N, N, N, P, 'int', P, 'int', P, P]);
  return {
    matmul({ kind, transposeA, transposeB }, [a, b], [c]) {
      const batch = c.shape.length === 3 ? c.shape[0] : 1;
      const [m, n] = c.shape.slice(-2);
      const k = a.shape[a.shape.length - (transposeA ? 2 : 1)];
      matmul(
        batch,
        m,
        n,
        k,
        floats(kind, a, batch * m * k),
        transposeA ? 1 : 0,
        floats(kind, b, batch * k * n),
        transposeB ? 1 : 0,
        null,
        floats(kind, c, batch * m * n),
      );
    },
    linear({ kind, transposeWeight }, [x, w, bias], [y]) {
      const [m, n] = y.shape;
      const k = x.shape[1];
      matmul(
        1,
        m,
        n,
        k,
        floats(kind, x, m * k),
        0,
        floats(kind, w, k * n),
        transposeWeight ? 1 : 0,
        floats(kind, bias, n),
        floats(kind, y, m * n),
      );
    },
  };
}
