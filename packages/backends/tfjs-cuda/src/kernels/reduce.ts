import { sizeOf } from '@heddle/core';
import * as tf from '@tensorflow/tfjs-core';
import { dataType, type Kernel, type Kernels } from '../kernel.js';

type Reduce = (x: tf.Tensor, axes: number[], keepDims: boolean) => tf.Tensor;

/** `nothing` is the result over no element. */
function reduction(f: Reduce, nothing: number): Kernel<'reduceSum'> & Kernel<'reduceMax'> {
  return ({ axes }: { readonly axes: readonly number[] }, [x], [{ shape, dtype }]) => {
    if (axes.length === 0) return x;
    if (sizeOf(x.shape) === 0) return tf.fill([...shape], nothing, dataType(dtype));
    return f(x, [...axes], true);
  };
}

export const reductions: Kernels<'reduceSum' | 'reduceMax' | 'argMax'> = {
  reduceSum: reduction(tf.sum, 0),
  reduceMax: reduction(tf.max, Number.NEGATIVE_INFINITY),
  argMax: (_op, [x]) => tf.argMax(x, -1),
};
