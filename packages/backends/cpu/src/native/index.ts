import type { Kernels } from '../kernel.js';
import type { NativeLibrary } from './abi.js';
import { activationKernels } from './activation.js';
import { optimizerKernels } from './adamw.js';
import { attentionKernels } from './attention.js';
import { elementwiseKernels } from './elementwise.js';
import { gatherKernels } from './gather.js';
import { layoutKernels } from './layout.js';
import { matmulKernels } from './matmul.js';
import { randomKernels } from './random.js';
import { reduceKernels } from './reduce.js';
import { rowKernels } from './rows.js';

/** The native kernels over the same arrays; where there is none (fill, iota, argMax), the reference's. */
export function nativeKernels(library: NativeLibrary, reference: Kernels): Kernels {
  return {
    ...reference,
    ...elementwiseKernels(library, reference),
    ...matmulKernels(library),
    ...reduceKernels(library, reference),
    ...layoutKernels(library, reference),
    ...gatherKernels(library, reference),
    ...randomKernels(library),
    ...activationKernels(library),
    ...rowKernels(library),
    ...attentionKernels(library),
    ...optimizerKernels(library),
  };
}
