import type { PrimitiveOp } from '@heddle/core';
import type { OpenEngine } from '../engines/open-engine.js';
import type { Kernels } from '../kernel.js';
import { creation } from './create.js';
import { elementwise } from './elementwise.js';
import { activations } from './fused/activation.js';
import { optimizers } from './fused/adamw.js';
import { crossEntropies } from './fused/cross-entropy.js';
import { dropouts } from './fused/dropout.js';
import { linearKernels } from './fused/linear.js';
import { normKernels } from './fused/norm.js';
import { hostKernels } from './host/index.js';
import { hostMemory } from './host/memory.js';
import { indexed } from './indexed.js';
import { layout } from './layout.js';
import { products } from './matmul.js';
import { plainProducts } from './products.js';
import { reductions } from './reduce.js';
import { wasmMatmul, wasmProducts } from './wasm/products.js';
import { wasmSums } from './wasm/reduce.js';
import { webgpuKernels } from './webgpu/index.js';

/** Every primitive out of the operations of tfjs, on any engine. */
export const primitives: Kernels<PrimitiveOp['kind']> = {
  ...elementwise,
  ...products,
  ...reductions,
  ...layout,
  ...indexed,
  ...creation,
};

/** What runs on the engine: later lines take the place of earlier ones. */
export function kernelsFor(open: OpenEngine): Partial<Kernels> {
  const wasm = open.engine === 'wasm';
  const fast = wasm ? wasmProducts : plainProducts;
  const memory = hostMemory(open);
  return {
    ...primitives,
    ...linearKernels(fast),
    ...normKernels(fast),
    ...activations,
    ...dropouts,
    ...optimizers,
    ...crossEntropies,
    ...(memory && hostKernels(memory, fast)),
    ...(open.engine === 'webgpu' && webgpuKernels),
    ...(memory && wasm && { ...wasmMatmul(memory), ...wasmSums }),
  };
}
