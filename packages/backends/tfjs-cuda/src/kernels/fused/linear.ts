import * as tf from '@tensorflow/tfjs-core';
import type { Kernels } from '../../kernel.js';
import type { Products } from '../products.js';

export function linearKernels({
  product,
  columnSums,
}: Products): Kernels<'linear' | 'linearBackwardWeight'> {
  return {
    linear: ({ transposeWeight }, [x, w, ...terms]) =>
      terms.reduce((sum, term) => tf.add(sum, term), product(x, w, false, transposeWeight)),

    linearBackwardWeight({ transposeWeight, bias, accumulate }, [x, dy, ...before]) {
      const [a, b] = transposeWeight ? [dy, x] : [x, dy];
      const made = [product(a, b, true), ...(bias ? [columnSums(dy)] : [])];
      if (!accumulate) return made;
      return made.map((sum, i) => tf.add(tf.reshape(sum, before[i].shape), before[i]));
    },
  };
}
