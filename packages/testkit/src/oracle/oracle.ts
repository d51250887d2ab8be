import { type Op, randomUniform, sizeOf } from '@heddle/core';
import * as activation from './activation.js';
import { adamw } from './adamw.js';
import { attention, attentionBackward, rope } from './attention.js';
import { binary, cast, compare, select, unary } from './elementwise.js';
import * as layout from './layout.js';
import { crossEntropy, crossEntropyBackward } from './loss.js';
import {
  activationLinearBackward,
  linear,
  linearActivation,
  linearBackwardWeight,
  matmul,
} from './matmul.js';
import * as normalization from './normalization.js';
import { argMax, reduce, sumOfSquares } from './reduce.js';
import { generate, type Spec, type Value } from './value.js';

/**
 * What `op` should give: naive formulas in doubles, not rounded to the outputs' dtype (`rounded`
 * does that), sharing no code with any backend. `outputs` are the shapes and dtypes wanted.
 */
export function oracle(op: Op, inputs: readonly Value[], outputs: readonly Spec[]): Value[] {
  const [a, b, c] = inputs;
  const [y] = outputs;
  switch (op.kind) {
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
    case 'maximum':
    case 'minimum':
    case 'pow':
      return [binary(op.kind, a, b, y)];
    case 'equal':
    case 'less':
      return [compare(op.kind, a, b, y)];
    case 'select':
      return [select(a, b, c, y)];
    case 'cast':
      return [cast(a, y)];
    case 'matmul':
      return [matmul(op, a, b, y)];
    case 'reduceSum':
    case 'reduceMax':
      return [reduce(op.kind, op.axes, a, y)];
    case 'argMax':
      return [argMax(a, y)];
    case 'permute':
      return [layout.permute(op.axes, a, y)];
    case 'slice':
      return [layout.slice(op.start, a, y)];
    case 'pad':
      return [layout.pad(op.before, op.value, a, y)];
    case 'concat':
      return [layout.concat(op.axis, inputs, y)];
    case 'broadcast':
      return [layout.broadcast(a, y)];
    case 'updateSlice':
      return [layout.updateSlice(op.start, a, b, y)];
    case 'gather':
      return [layout.gather(a, b, y)];
    case 'scatterAdd':
      return [layout.scatterAdd(a, b, c, y)];
    case 'fill':
      return [generate(y, () => op.value)];
    case 'iota':
      return [generate(y, (_, i) => i)];
    case 'randomUniform':
      return [{ ...y, data: Float64Array.from(randomUniform(op.key, sizeOf(y.shape))) }];
    case 'linear':
      return [linear(op, inputs, y)];
    case 'linearActivation':
      return linearActivation(op, inputs, outputs);
    case 'activationLinearBackward':
      return activationLinearBackward(op, inputs, outputs);
    case 'linearBackwardWeight':
      return linearBackwardWeight(op, inputs, outputs);
    case 'gelu':
      return [activation.gelu(op.approximate, a, y)];
    case 'geluBackward':
      return [activation.geluBackward(op.approximate, a, b, y)];
    case 'swiglu':
      return [activation.swiglu(a, b, y)];
    case 'swigluBackward':
      return activation.swigluBackward(a, b, c, outputs);
    case 'softmax':
      return [activation.softmax(a, y)];
    case 'softmaxBackward':
      return [activation.softmaxBackward(a, b, y)];
    case 'layerNorm':
      return normalization.layerNorm(op.epsilon, a, b, c, outputs);
    case 'layerNormBackward':
      return normalization.layerNormBackward(inputs, outputs);
    case 'rmsNorm':
      return normalization.rmsNorm(op.epsilon, a, b, outputs);
    case 'rmsNormBackward':
      return normalization.rmsNormBackward(inputs, outputs);
    case 'rope':
      return [rope(op.inverse, a, b, c, y)];
    case 'attention':
      return attention(op, inputs, outputs);
    case 'attentionBackward':
      return attentionBackward(op, inputs, outputs);
    case 'crossEntropy':
      return crossEntropy(op.ignoreIndex, a, b, outputs);
    case 'crossEntropyBackward':
      return [crossEntropyBackward(op.ignoreIndex, inputs, y)];
    case 'dropout':
      return [activation.dropout(op.rate, op.key, a, y)];
    case 'sumOfSquares':
      return [sumOfSquares(inputs, y)];
    case 'adamw':
      return adamw(op, inputs, outputs);
    default:
      return [unary(op.kind, a, y)];
  }
}
