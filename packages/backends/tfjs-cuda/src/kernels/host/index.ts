import type { Kernels } from '../../kernel.js';
import type { Products } from '../products.js';
import { attentionKernels } from './attention.js';
import { elementwiseKernels } from './elementwise.js';
import { indexedKernels } from './indexed.js';
import { layoutKernels } from './layout.js';
import { lossKernels } from './losses.js';
import type { HostMemory } from './memory.js';
import { layerNormKernel } from './norm.js';
import { optimizerKernels } from './optimizer.js';

/** Kernels over the engine's memory, in place of operations of tfjs that are slower, or lose NaN, or do not exist. */
export function hostKernels(memory: HostMemory, products: Products): Partial<Kernels> {
  return {
    ...elementwiseKernels(memory),
    ...layoutKernels(memory),
    ...indexedKernels(memory),
    ...lossKernels(memory),
    ...layerNormKernel(memory),
    ...attentionKernels(memory, products),
    ...optimizerKernels(memory),
  };
}
