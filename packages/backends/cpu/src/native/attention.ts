import { type AttentionOptions, HeddleError } from '@heddle/core';
import type { Kernels, Operand } from '../kernel.js';
import type { NativeLibrary } from './library.js';
import { floats, integers } from './operands.js';

const P = 'void *';

/** The sizes as native/attention.h lists them, with the element counts of each kind of operand. */
function sizesOf(op: AttentionOptions & { readonly kind: string }, q: Operand, k: Operand) {
  const [b, t, h, d] = q.shape;
  const [, allocated, g] = k.shape;
  const s = op.keyLength ?? allocated;
  if (s < 0 || s > allocated || h % g !== 0) {
    throw new HeddleError(
      'shape-mismatch',
      `cpu: ${op.kind} needs 0 <= keyLength <= ${allocated} (got ${s}) and heads in whole groups (got ${h} over ${g}).`,
      { op: op.kind, shapes: [q.shape, k.shape] },
    );
  }
  const window = op.causal && op.window !== undefined ? Math.min(op.window, s + t) : 0;
  return {
    layout: Float64Array.of(b, t, h, d, s, g, allocated, op.causal ? 1 : 0, window),
    queries: b * t * h * d,
    keys: b * allocated * g * d,
    rows: b * h * t,
    querySegments: b * t,
    keySegments: b * allocated,
  };
}

export function attentionKernels(
  library: NativeLibrary,
): Kernels<'attention' | 'attentionBackward'> {
  const attention = library.bind('attention', [P, 'float', P, P, P, P, P, P, P]);
  const backward = library.bind('attention_backward', [
    P,
    'float',
    P,
    P,
    P,
    P,
    P,
    P,
    P,
    P,
    P,
    P,
    P,
  ]);
  return {
    attention(op, [q, k, v, querySegments, keySegments], [out, logSumExp]) {
      const { kind } = op;
      const sizes = sizesOf(op, q, k);
      attention(
        sizes.layout,
        op.scale,
        floats(kind, q, sizes.queries),
        floats(kind, k, sizes.keys),
        floats(kind, v, sizes.keys),
        querySegments ? integers(kind, querySegments, sizes.querySegments) : null,
        keySegments ? integers(kind, keySegments, sizes.keySegments) : null,
        floats(kind, out, sizes.queries),
        floats(kind, logSumExp, sizes.rows),
      );
    },
    attentionBackward(op, inputs, [dq, dk, dv]) {
      const { kind } = op;
      const [q, k, v, out, logSumExp, dout, querySegments, keySegments] = inputs;
      const sizes = sizesOf(op, q, k);
      backward(
        sizes.layout,
        op.scale,
        floats(kind, q, sizes.queries),
        floats(kind, k, sizes.keys),
        floats(kind, v, sizes.keys),
        floats(kind, out, sizes.queries),
        floats(kind, logSumExp, sizes.rows),
        floats(kind, dout, sizes.queries),
        querySegments ? integers(kind, querySegments, sizes.querySegments) : null,
        keySegments ? integers(kind, keySegments, sizes.keySegments) : null,
        floats(kind, dq, sizes.queries),
        floats(kind, dk, sizes.keys),
        floats(kind, dv, sizes.keys),
      );
    },
  };
}
