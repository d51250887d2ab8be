import { HeddleError, type Op, sameShape, type ValueDriver, type ValueSpec } from '@heddle/core';
import * as tf from '@tensorflow/tfjs-core';
import type { OpenEngine } from './engines/open-engine.js';
import { dataType, type Kernels, type Operand } from './kernel.js';
import { isExactGelu } from './kernels/fused/activation.js';
import { usingBackend } from './using-backend.js';
import { WAIVERS } from './waivers.js';

type AnyKernel = (
  op: Op,
  inputs: readonly tf.Tensor[],
  outputs: readonly ValueSpec[],
) => tf.Tensor | readonly tf.Tensor[];

/** Most axes that every kernel of every engine takes. */
const MAX_RANK = 6;

/** Tensors of tfjs on one engine, computed by these kernels. */
export function tfjsDriver(
  { engine, backend, limits, sync }: OpenEngine,
  kernels: Partial<Kernels>,
): ValueDriver<tf.Tensor> {
  const table = new Map(Object.entries(kernels) as [Op['kind'], AnyKernel][]);
  const name = `tfjs-cuda (${engine})`;
  const waivers = WAIVERS[engine];
  const using = <R>(action: () => R): R => usingBackend(engine, action);
  return {
    name,
    dtypes: ['f32', 'i32'],
    ...(limits && { limits }),
    ...(waivers && { waivers }),
    upload: (data, dtype) =>
      tf.keep(
        tf
          .engine()
          .makeTensor(data as Float32Array | Int32Array, [data.length], dataType(dtype), backend),
      ),
    async download(value, dtype) {
      const data = await value.data(); // of some engines the array that they keep, or one of another type
      await sync?.();
      return dtype === 'i32' ? new Int32Array(data) : new Float32Array(data);
    },
    dispose: (value) => value.dispose(),
    supports: (op, dtype) => dtype !== 'bf16' && table.has(op.kind) && !isExactGelu(op),
    run(op, inputs, outputs) {
      for (const { shape } of [...inputs, ...outputs]) checkRank(name, op, shape.length);
      const kernel = table.get(op.kind) as AnyKernel;
      return using(() => {
        const results: tf.Tensor[] = [];
        tf.tidy(() => {
          const operands = inputs.map(shaped);
          const made = [kernel(op, operands, outputs)].flat();
          results.push(...made.map((value, i) => tf.keep(finished(value, outputs[i], inputs))));
        });
        return results;
      });
    },
    sync: () => sync?.(),
  };
}

/** The value with the shape of its view. */
function shaped({ value, shape }: Operand): tf.Tensor {
  return sameShape(value.shape, shape) ? value : tf.reshape(value, [...shape]);
}

/** The result in its due dtype and shape, as a tensor of its own. */
function finished(
  result: tf.Tensor,
  { shape, dtype }: ValueSpec,
  inputs: readonly Operand[],
): tf.Tensor {
  const typed = result.dtype === dataType(dtype) ? result : tf.cast(result, dataType(dtype));
  if (!sameShape(typed.shape, shape)) return tf.reshape(typed, [...shape]);
  return inputs.some(({ value }) => value === typed) ? tf.clone(typed) : typed;
}

function checkRank(name: string, op: Op, rank: number): void {
  if (rank <= MAX_RANK) return;
  throw new HeddleError(
    'device-limit',
    `${name}: "${op.kind}" of a tensor with ${rank} axes; tfjs has kernels for at most ${MAX_RANK}. ` +
      'Reshape so that neighbouring axes become one.',
    { backend: name, limit: 'rank', asked: rank, most: MAX_RANK },
  );
}
