import { sizeOf } from '@heddle/core';
import { checkIndices } from '../indices.js';
import type { Kernels } from '../kernel.js';
import { BAD_INDEX, type NativeLibrary } from './abi.js';
import { copyTo } from './matmul.js';
import { floats, integers } from './operands.js';

const P = 'void *';
const N = 'int64_t';

type Kinds =
  | 'softmax'
  | 'softmaxBackward'
  | 'layerNorm'
  | 'layerNormBackward'
  | 'rmsNorm'
  | 'rmsNormBackward'
  | 'crossEntropy'
  | 'crossEntropyBackward'
  | 'rope';

/** Operations that work row by row: softmax, the norms, cross-entropy, rope. */
export function rowKernels(library: NativeLibrary): Kernels<Kinds> {
  const softmax = library.bind('softmax', [N, N, P, P]);
  const softmaxBackward = library.bind('softmax_backward', [N, N, P, P, P]);
  const layerNorm = library.bind('layer_norm', [N, N, 'float', P, P, P, P, P, P]);
  const rmsNorm = library.bind('rms_norm', [N, N, 'float', P, P, P, P]);
  const normBackward = library.bind('norm_backward', [N, N, P, P, P, P, P, P, P, P, 'int']);
  const crossEntropy = library.bind('cross_entropy', [N, N, 'int32_t', P, P, P, P]);
  const crossEntropyBackward = library.bind('cross_entropy_backward', [
    N,
    N,
    'int32_t',
    P,
    P,
    P,
    P,
    P,
  ]);
  const rope = library.bind('rope', ['int', N, N, N, N, 'int', P, P, P, P]);
  return {
    softmax({ kind }, [x], [y]) {
      const size = sizeOf(x.shape);
      if (size === 0) return;
      const n = x.shape[x.shape.length - 1];
      softmax(size / n, n, floats(kind, x, size), floats(kind, y, size));
    },
    softmaxBackward({ kind }, [y, dy], [dx]) {
      const size = sizeOf(y.shape);
      if (size === 0) return;
      const n = y.shape[y.shape.length - 1];
      const [a, b, c] = [y, dy, dx].map((operand) => floats(kind, operand, size));
      softmaxBackward(size / n, n, a, b, c);
    },
    layerNorm({ kind, epsilon }, [x, gain, bias], [y, mean, rstd]) {
      const d = sizeOf(gain.shape);
      const rows = sizeOf(mean.shape);
      layerNorm(
        rows,
        d,
        epsilon,
        floats(kind, x, rows * d),
        floats(kind, gain, d),
        floats(kind, bias, d),
        floats(kind, y, rows * d),
        floats(kind, mean, rows),
        floats(kind, rstd, rows),
      );
    },
    layerNormBackward({ kind, accumulate }, inputs, [dx, dgain, dbias]) {
      const [x, gain, mean, rstd, dy, before] = inputs;
      const d = sizeOf(gain.shape);
      const rows = sizeOf(mean.shape);
      if (accumulate) copyTo(kind, before, dx, rows * d);
      normBackward(
        rows,
        d,
        floats(kind, x, rows * d),
        floats(kind, gain, d),
        floats(kind, mean, rows),
        floats(kind, rstd, rows),
        floats(kind, dy, rows * d),
        floats(kind, dx, rows * d),
        floats(kind, dgain, d),
        floats(kind, dbias, d),
        accumulate ? 1 : 0,
      );
    },
    rmsNorm({ kind, epsilon }, [x, gain], [y, rstd]) {
      const d = sizeOf(gain.shape);
      const rows = sizeOf(rstd.shape);
      rmsNorm(
        rows,
        d,
        epsilon,
        floats(kind, x, rows * d),
        floats(kind, gain, d),
        floats(kind, y, rows * d),
        floats(kind, rstd, rows),
      );
    },
    rmsNormBackward({ kind, accumulate }, [x, gain, rstd, dy, before], [dx, dgain]) {
      const d = sizeOf(gain.shape);
      const rows = sizeOf(rstd.shape);
      if (accumulate) copyTo(kind, before, dx, rows * d);
      normBackward(
        rows,
        d,
        floats(kind, x, rows * d),
        floats(kind, gain, d),
        null,
        floats(kind, rstd, rows),
        floats(kind, dy, rows * d),
        floats(kind, dx, rows * d),
        floats(kind, dgain, d),
        null,
        accumulate ? 1 : 0,
      );
    },
    crossEntropy({ kind, ignoreIndex }, [logits, targets], [loss, logSumExp]) {
      const [n, v] = logits.shape;
      const ids = integers(kind, targets, n);
      const x = floats(kind, logits, n * v);
      const to = floats(kind, loss, n);
      if (crossEntropy(n, v, ignoreIndex, x, ids, to, floats(kind, logSumExp, n)) === BAD_INDEX)
        checkIndices(kind, ids, v, ignoreIndex);
    },
    crossEntropyBackward({ kind, ignoreIndex }, [logits, targets, logSumExp, dloss], [dlogits]) {
      const [n, v] = logits.shape;
      const ids = integers(kind, targets, n);
      const status = crossEntropyBackward(
        n,
        v,
        ignoreIndex,
        floats(kind, logits, n * v),
        ids,
        floats(kind, logSumExp, n),
        floats(kind, dloss, n),
        floats(kind, dlogits, n * v),
      );
      if (status === BAD_INDEX) checkIndices(kind, ids, v, ignoreIndex);
    },
    rope({ kind, inverse }, [x, cos, sin], [y]) {
      const [b, t, h, d] = x.shape;
      const shared = cos.shape[0] === 1;
      const angles = (shared ? 1 : b) * t * (d / 2);
      rope(
        inverse ? 1 : 0,
        b,
        t,
        h,
        d / 2,
        shared ? 1 : 0,
        floats(kind, x, b * t * h * d),
        floats(kind, cos, angles),
        floats(kind, sin, angles),
        floats(kind, y, b * t * h * d),
      );
    },
  };
}
