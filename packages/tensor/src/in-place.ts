import { HeddleError, type Op, sameShape, type Tensor } from '@heddle/core';
import { checkBlock } from './ops/layout.js';
import { backendOf, runInto } from './run.js';
import { type DeviceTensor, device, sameDType, wrongShape } from './tensor.js';

/** Replaces the elements of `target` by those of `value`. Same shape and dtype; not differentiable. */
export function assign(target: Tensor, value: Tensor): void {
  change('assign', { kind: 'broadcast' }, target, value, (x) => [x]);
}

/** Adds `value` to `target`. Same shape and dtype; not differentiable. */
export function addTo(target: Tensor, value: Tensor): void {
  change('addTo', { kind: 'add' }, target, value, (x, y) => [y, x]);
}

/** Writes `patch` into `target` from `start` on, e.g. new keys into a cache. Not differentiable. */
export function updateSlice(target: Tensor, patch: Tensor, start: readonly number[]): void {
  const [x, y] = [device(target, 'updateSlice'), device(patch, 'updateSlice')];
  checkBlock('updateSlice', start, y.shape, x.shape);
  checkWritable('updateSlice', x);
  backendOf('updateSlice', [x, y]);
  sameDType('updateSlice', [x, y]);
  x.storage.bounds = undefined;
  runInto({ kind: 'updateSlice', start: [...start] }, [x, y], [x]);
}

function change(
  name: string,
  op: Op,
  target: Tensor,
  value: Tensor,
  inputs: (value: DeviceTensor, target: DeviceTensor) => DeviceTensor[],
): void {
  const [x, y] = [device(target, name), device(value, name)];
  checkWritable(name, x);
  backendOf(name, [x, y]);
  sameDType(name, [x, y]);
  if (!sameShape(x.shape, y.shape)) throw wrongShape(name, [x, y], 'the shapes must be equal');
  x.storage.bounds = undefined;
  runInto(op, inputs(y, x), [x]);
}

/** Throws if a gradient still depends on what `x` holds. */
export function checkWritable(op: string, x: DeviceTensor): void {
  if (!x.origin && !x.storage.guarded) return;
  throw new HeddleError(
    'tensor/autodiff',
    `${op}: ${x} cannot change while a backward pass still needs it. ` +
      'Change tensors in place outside valueAndGrad only.',
    { op, reason: 'in-place' },
  );
}
