import { HeddleError, type Params, sameShape, type Tensor, type UpdateContext } from '@heddle/core';
import { zeros } from '../create.js';
import { assign, checkWritable } from '../in-place.js';
import { mul, sub } from '../ops/binary.js';
import { equal, select } from '../ops/compare.js';
import { backendOf } from '../run.js';
import { keep, scoped } from '../scope.js';
import { type DeviceTensor, device, floating, sameDType, wrongShape } from '../tensor.js';

/** A parameter with its gradient and its rows of the optimizer's state. */
export interface Slot {
  readonly name: string;
  readonly param: DeviceTensor;
  readonly grad: DeviceTensor;
  readonly state: readonly DeviceTensor[];
}

/** Zeros of every parameter's shape under `<prefix>.<name>`, in f32; they belong to no scope. */
export function zeroState(params: Params, prefixes: readonly string[]): Params {
  const state: Record<string, Tensor> = {};
  for (const prefix of prefixes) {
    for (const [name, param] of Object.entries(params)) {
      state[`${prefix}.${name}`] = keep(zeros(param.backend, param.shape));
    }
  }
  return state;
}

/**
 * What an update works on: all that has a gradient, checked.
 *
 * @throws invalid-argument where a gradient has no parameter or no state; shape-mismatch,
 * dtype-mismatch or mixed-backends where they do not fit each other.
 */
export function slots(
  optimizer: string,
  params: Params,
  grads: Params,
  state: Params,
  prefixes: readonly string[],
  scale: DeviceTensor,
): Slot[] {
  return Object.entries(grads).map(([name, given]) => {
    const param = floating(named(optimizer, 'params', params, name), optimizer);
    const grad = floating(given, optimizer);
    const own = prefixes.map((prefix) =>
      floating(named(optimizer, 'state', state, `${prefix}.${name}`), optimizer),
    );
    for (const x of [grad, ...own]) {
      if (!sameShape(x.shape, param.shape)) {
        throw wrongShape(optimizer, [param, x], `gradient and state of "${name}" need its shape`);
      }
    }
    backendOf(optimizer, [scale, param, grad, ...own]);
    sameDType(optimizer, [param, grad, ...own]);
    for (const x of [param, ...own]) checkWritable(optimizer, x);
    return { name, param, grad, state: own };
  });
}

function named(optimizer: string, what: string, record: Params, name: string): Tensor {
  if (Object.hasOwn(record, name)) return record[name];
  throw new HeddleError(
    'invalid-argument',
    `${optimizer}: "${name}" is missing in ${what}. Make the state with init(params) from the same ` +
      'parameters that the gradients are of.',
    { argument: what, given: name },
  );
}

/** Throws unless lr is finite and the step counts from 1. */
export function checkUpdate(optimizer: string, { lr, step, scale }: UpdateContext): DeviceTensor {
  checkRange(optimizer, 'lr', lr, Number.isFinite(lr));
  checkRange(optimizer, 'step', step, Number.isInteger(step) && step >= 1);
  const factor = device(scale, optimizer);
  if (factor.dtype !== 'f32' || factor.shape.length > 0) {
    throw wrongShape(optimizer, [factor], 'scale must be an f32 scalar');
  }
  return factor;
}

export function checkRange(what: string, argument: string, given: number, fits: boolean): void {
  if (fits) return;
  throw new HeddleError(
    'invalid-argument',
    `${what}: ${argument} = ${given} is out of its range; see the documentation of ${what}.`,
    { argument, given: String(given) },
  );
}

/**
 * Computes new values for each slot out of primitives and writes them where `scale` is finite. What
 * `compute` returns replaces the parameter and its state, in this order.
 */
export function updateEach(
  all: readonly Slot[],
  scale: Tensor,
  compute: (slot: Slot, grad: Tensor) => readonly Tensor[],
): void {
  scoped(() => {
    const finite = equal(sub(scale, scale), 0); // NaN - NaN and Infinity - Infinity are NaN
    for (const slot of all) {
      scoped(() => {
        const targets = [slot.param, ...slot.state];
        const values = compute(slot, mul(slot.grad, scale));
        const chosen = values.map((value, i) => select(finite, value, targets[i]));
        chosen.forEach((value, i) => {
          assign(targets[i], value);
        });
      });
    }
  });
}
