import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type { OpenEngine } from '../../engines/open-engine.js';

/** The numbers of a tensor, where the engine keeps them. */
export type Numbers = Float32Array | Int32Array;

/**
 * The tensors of an engine that computes in memory which JavaScript reaches, as arrays: for what the
 * engine's own kernels do slowly or not at all.
 */
export interface HostMemory {
  /** A tensor with undefined content. Memory may move: make it before looking at others. */
  make(shape: readonly number[], dtype: tf.DataType): tf.Tensor;
  /** Its elements, until the next tensor is made; written only in what `make` gave or a product. */
  numbers(x: tf.Tensor): Numbers;
}

/** The memory of the engine's backend, if it is such an engine. */
export function hostMemory({ engine, backend }: OpenEngine): HostMemory | undefined {
  if (engine === 'wasm') return wasmMemory(backend as BackendWasm);
  return engine === 'cpu' ? arrayMemory(backend) : undefined;
}

function wasmMemory(backend: BackendWasm): HostMemory {
  return {
    make: (shape, dtype) =>
      tf.engine().makeTensorFromTensorInfo(backend.makeOutput([...shape], dtype), backend),
    numbers: (x) => backend.typedArrayFromHeap(x) as Numbers,
  };
}

/** The cpu engine keeps the arrays that it is given. */
function arrayMemory(backend: tf.KernelBackend): HostMemory {
  return {
    make(shape, dtype) {
      const size = shape.reduce((product, n) => product * n, 1);
      const numbers = dtype === 'int32' ? new Int32Array(size) : new Float32Array(size);
      return tf.engine().makeTensor(numbers, [...shape], dtype, backend);
    },
    numbers: (x) => backend.readSync(x.dataId) as Numbers,
  };
}
