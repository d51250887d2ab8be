export { type ValueAndGrad, valueAndGrad } from './autodiff.js';
export { type CheckpointArgument, checkpoint } from './checkpoint.js';
export {
  full,
  iota,
  type NestedArray,
  normal,
  ones,
  tensor,
  uniform,
  zeros,
} from './create.js';
export type { TensorErrors } from './errors.js';
export { addTo, assign, updateSlice } from './in-place.js';
export { gelu, swiglu } from './nn/activation.js';
export { type AttentionArguments, attention, packedAttention } from './nn/attention.js';
export { dropout } from './nn/dropout.js';
export { embedding } from './nn/embedding.js';
export {
  type FeedForwardLayer,
  type FeedForwardOptions,
  feedForward,
} from './nn/feed-forward.js';
export { type LinearOptions, linear } from './nn/linear.js';
export { type CrossEntropyOptions, crossEntropy } from './nn/loss.js';
export { layerNorm, type NormOptions, rmsNorm } from './nn/norm.js';
export { rope } from './nn/rope.js';
export { logSoftmax, softmax } from './nn/softmax.js';
export { add, div, maximum, minimum, mul, pow, sub } from './ops/binary.js';
export { broadcastTo, copy } from './ops/broadcast.js';
export { equal, less, select } from './ops/compare.js';
export { gather, scatterAdd } from './ops/gather.js';
export { concat, pad, permute, reshape, slice, split, transpose } from './ops/layout.js';
export { type MatmulOptions, matmul } from './ops/matmul.js';
export type { Operand } from './ops/operand.js';
export { argMax, max, mean, type ReduceOptions, sum } from './ops/reduce.js';
export {
  abs,
  cast,
  cos,
  detach,
  erf,
  exp,
  floor,
  log,
  neg,
  relu,
  rsqrt,
  sigmoid,
  sign,
  silu,
  sin,
  sqrt,
  square,
  tanh,
} from './ops/unary.js';
export { type AdamWOptions, adamw } from './optim/adamw.js';
export { clipScale, globalNorm } from './optim/clip.js';
export { type LionOptions, lion } from './optim/lion.js';
export { type SgdOptions, sgd } from './optim/sgd.js';
export { autocast, keepPrecision, type ProductPrecision } from './precision.js';
export { keep, type Scope, scope, scoped } from './scope.js';
export { toBf16 } from './to-bf16.js';
