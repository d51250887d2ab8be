import {
  type Backend,
  checkContract,
  type DType,
  HeddleError,
  type Op,
  type Shape,
  sizeOf,
} from '@heddle/core';
import { register } from './scope.js';
import { Storage } from './storage.js';
import { DeviceTensor, describe } from './tensor.js';

/** Shape and dtype of an output. */
export interface Spec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A new tensor with undefined content. Here every backend comes in, so its contract is checked here. */
export function allocate(backend: Backend, shape: Shape, dtype: DType): DeviceTensor {
  checkContract(backend);
  const buffer = backend.alloc(sizeOf(shape), dtype);
  return register(new DeviceTensor(new Storage(backend, buffer), shape, dtype));
}

/** The one backend of all operands. */
export function backendOf(op: string, inputs: readonly DeviceTensor[]): Backend {
  const backend = inputs[0].backend;
  for (const x of inputs) {
    if (x.backend === backend) continue;
    throw new HeddleError(
      'mixed-backends',
      `${op}: the operands ${inputs.map(describe).join(', ')} live on different backends ` +
        `(${inputs.map((t) => t.backend.name).join(', ')}). Read one and write it to the other's backend first.`,
      { op, backends: inputs.map((t) => t.backend.name) },
    );
  }
  return backend;
}

/** Runs an operation into fresh outputs, which have no gradient yet. */
export function runAll(
  op: Op,
  inputs: readonly DeviceTensor[],
  specs: readonly Spec[],
  backend: Backend = backendOf(op.kind, inputs),
): DeviceTensor[] {
  const outputs = specs.map(({ shape, dtype }) => allocate(backend, shape, dtype));
  try {
    runInto(op, inputs, outputs);
  } catch (error) {
    for (const output of outputs) output.dispose();
    throw error;
  }
  return outputs;
}

/** `runAll` for the usual single output. */
export function run(
  op: Op,
  inputs: readonly DeviceTensor[],
  shape: Shape,
  dtype: DType = inputs[0].dtype,
): DeviceTensor {
  return runAll(op, inputs, [{ shape, dtype }])[0];
}

/** Runs an operation into tensors that exist. */
export function runInto(
  op: Op,
  inputs: readonly DeviceTensor[],
  outputs: readonly DeviceTensor[],
): void {
  outputs[0].backend.run(
    op,
    inputs.map((x) => x.view),
    outputs.map((x) => x.view),
  );
}
