import { sizeOf } from '@heddle/core';
import { checkIndices } from '../indices.js';
import type { Kernels } from '../kernel.js';
import { BAD_INDEX, type NativeLibrary } from './abi.js';
import { floats, integers, sameType, words } from './operands.js';

export function gatherKernels(
  library: NativeLibrary,
  reference: Kernels,
): Kernels<'gather' | 'scatterAdd'> {
  const P = 'void *';
  const gather = library.bind('gather', ['int64_t', 'int64_t', 'int64_t', P, P, P]);
  const scatterAdd = library.bind('scatter_add', ['int64_t', 'int64_t', 'int64_t', P, P, P]);
  return {
    gather({ kind }, [table, ids], [y]) {
      sameType(kind, [table, y]);
      const vocabulary = table.shape[0];
      const width = sizeOf(table.shape.slice(1));
      const count = sizeOf(ids.shape);
      const at = integers(kind, ids, count);
      const from = words(kind, table, vocabulary * width);
      const to = words(kind, y, count * width);
      if (gather(vocabulary, width, count, from, at, to) === BAD_INDEX)
        checkIndices(kind, at, vocabulary);
    },
    scatterAdd(op, inputs, outputs) {
      const { kind } = op;
      const [base, ids, rows] = inputs;
      if (base.data instanceof Int32Array) {
        reference.scatterAdd(op, inputs, outputs);
        return;
      }
      const vocabulary = base.shape[0];
      const width = sizeOf(base.shape.slice(1));
      const count = sizeOf(ids.shape);
      const at = integers(kind, ids, count);
      const to = floats(kind, outputs[0], vocabulary * width);
      if (to !== base.data) to.set(floats(kind, base, vocabulary * width));
      const patch = floats(kind, rows, count * width);
      if (scatterAdd(vocabulary, width, count, to, at, patch) === BAD_INDEX)
        checkIndices(kind, at, vocabulary);
    },
  };
}
