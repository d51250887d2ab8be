import { type FusedOp, sameShape, type Tensor } from '@heddle/core';
import { requireConstant, track } from '../graph.js';
import { add, mul, sub } from '../ops/binary.js';
import { concat, reshape, split } from '../ops/layout.js';
import { neg } from '../ops/unary.js';
import { backendOf, run } from '../run.js';
import { scoped } from '../scope.js';
import { type DeviceTensor, floating, viewOf, wrongDType, wrongShape } from '../tensor.js';

/**
 * Rotary position embedding (Su et al. 2021): rotates the pairs (i, i + D/2) of each head by the
 * angles whose f32 cosines and sines are given, in the layout of Llama checkpoints.
 * x: [B, T, H, D], cos and sin: [1 or B, T, D/2], which are constants.
 */
export function rope(input: Tensor, cosInput: Tensor, sinInput: Tensor): Tensor {
  const x = floating(input, 'rope');
  const cos = floating(cosInput, 'rope');
  const sin = floating(sinInput, 'rope');
  const all = [x, cos, sin];
  backendOf('rope', all);
  requireConstant('rope', 'cos', cos);
  requireConstant('rope', 'sin', sin);
  if (cos.dtype !== 'f32' || sin.dtype !== 'f32')
    throw wrongDType('rope', all, 'takes f32 cos and sin');
  const [batch, length, , width] = x.shape;
  const fits =
    x.shape.length === 4 &&
    sameShape(cos.shape, sin.shape) &&
    cos.shape.length === 3 &&
    (cos.shape[0] === 1 || cos.shape[0] === batch) &&
    cos.shape[1] === length &&
    cos.shape[2] * 2 === width;
  if (!fits) throw wrongShape('rope', all, 'x [B, T, H, D] needs cos and sin [1 or B, T, D/2]');
  return track('rope', rotate(x, cos, sin, false), [x], (_, save) => {
    const [c, s] = [save(cos), save(sin)];
    return (dy) => [rotate(dy as DeviceTensor, c, s, true)];
  });
}

function rotate(
  x: DeviceTensor,
  cos: DeviceTensor,
  sin: DeviceTensor,
  inverse: boolean,
): DeviceTensor {
  const op: FusedOp = { kind: 'rope', inverse };
  if (x.backend.supports(op, x.dtype)) return run(op, [x, cos, sin], x.shape);
  return scoped(() => {
    const [batch, length, half] = cos.shape;
    const c = reshape(cos, [batch, length, 1, half]);
    const s = inverse
      ? neg(reshape(sin, [batch, length, 1, half]))
      : reshape(sin, [batch, length, 1, half]);
    const [a, b] = split(viewOf(x), 2);
    return concat([sub(mul(a, c), mul(b, s)), add(mul(b, c), mul(a, s))], -1) as DeviceTensor;
  });
}
