import { type AttentionOptions, HeddleError, type Precision } from '@heddle/core';
import type { Kernels, Operand } from '../kernel.js';
import type { NativeLibrary } from './abi.js';
import { precisionOf } from './matmul.js';
import { floats, integers } from './operands.js';

const P = 'void *';

type Options = AttentionOptions & Precision & { readonly kind: string };

/** The sizes as native/attention.h lists them, with the element counts of each kind of operand. */
function sizesOf(op: Options, q: Operand, k: Operand) {
  const packed = op.packedGroups;
  const [b, t, all, d] = q.shape;
  const [, allocated, g] = packed === undefined ? k.shape : [b, t, packed];
  const h = packed === undefined ? all : all - 2 * packed;
  const s = op.keyLength ?? allocated;
  if (s < 0 || s > allocated || h < 0 || h % g !== 0) {
    throw new HeddleError(
      'shape-mismatch',
      `cpu: ${op.kind} needs 0 <= keyLength <= ${allocated} (got ${s}) and heads in whole groups (got ${h} over ${g}).`,
      { op: op.kind, shapes: [q.shape, k.shape] },
    );
  }
  const window = op.causal && op.window !== undefined ? Math.min(op.window, s + t) : 0;
  const flags = [op.causal ? 1 : 0, window, packed === undefined ? 0 : 1, precisionOf(op)];
  return {
    layout: Float64Array.of(b, t, h, d, s, g, allocated, ...flags),
    queries: b * t * all * d,
    keys: b * allocated * g * d,
    outs: b * t * h * d,
    rows: b * h * t,
    querySegments: b * t,
    keySegments: b * allocated,
  };
}

/** Of q, k and v, or of the one tensor that holds them: addresses, null for those within it. */
function split(
  op: Options,
  operands: readonly Operand[],
  sizes: ReturnType<typeof sizesOf>,
): (Float32Array | null)[] {
  const [q, k, v] = operands;
  const first = floats(op.kind, q, sizes.queries);
  if (op.packedGroups !== undefined) return [first, null, null];
  return [first, floats(op.kind, k, sizes.keys), floats(op.kind, v, sizes.keys)];
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
    attention(op, inputs, [out, logSumExp]) {
      const { kind } = op;
      const sizes = sizesOf(op, inputs[0], inputs[1]);
      const [querySegments, keySegments] = inputs.slice(op.packedGroups === undefined ? 3 : 1);
      attention(
        sizes.layout,
        op.scale,
        ...split(op, inputs, sizes),
        querySegments ? integers(kind, querySegments, sizes.querySegments) : null,
        keySegments ? integers(kind, keySegments, sizes.keySegments) : null,
        floats(kind, out, sizes.outs),
        floats(kind, logSumExp, sizes.rows),
      );
    },
    attentionBackward(op, inputs, outputs) {
      const { kind } = op;
      const sizes = sizesOf(op, inputs[0], inputs[1]);
      const others = inputs.slice(op.packedGroups === undefined ? 3 : 1);
      const [out, logSumExp, dout, querySegments, keySegments] = others;
      backward(
        sizes.layout,
        op.scale,
        ...split(op, inputs, sizes),
        floats(kind, out, sizes.outs),
        floats(kind, logSumExp, sizes.rows),
        floats(kind, dout, sizes.outs),
        querySegments ? integers(kind, querySegments, sizes.querySegments) : null,
        keySegments ? integers(kind, keySegments, sizes.keySegments) : null,
        ...split(op, outputs, sizes),
      );
    },
  };
}
