import { HeddleError, type Params, type Tensor } from '@heddle/core';
import { ones, zeros } from './create.js';
import { Graph, type Node } from './graph.js';
import { copy } from './ops/broadcast.js';
import { scoped } from './scope.js';
import { type DeviceTensor, describe, device, floating, viewOf, wrongShape } from './tensor.js';

/** A function's result and its derivative by each parameter, under the same names. */
export interface ValueAndGrad {
  /** f32 scalar. */
  readonly value: Tensor;
  /** In the shapes of the parameters; zeros for those that the result does not depend on. */
  readonly grads: Params;
}

/**
 * The gradient of a scalar function by reverse-mode differentiation.
 *
 * `fn` gets tracked aliases of the parameters; what it computes from them is recorded, what it
 * computes from other tensors is constant. Everything made inside is freed at the end, activations as
 * soon as the backward pass has used them. Results belong to the caller's scope and have no history:
 * gradients are of the first order only.
 *
 * @throws tensor/autodiff if the result depends on no parameter, or the parameters belong to an
 * enclosing `valueAndGrad`; shape-mismatch if it is not a scalar.
 */
export function valueAndGrad(fn: (params: Params) => Tensor): (params: Params) => ValueAndGrad {
  return (params) => {
    const graph = new Graph();
    try {
      return scoped(() => differentiate(graph, fn, params));
    } finally {
      graph.release();
    }
  };
}

function differentiate(graph: Graph, fn: (params: Params) => Tensor, params: Params): ValueAndGrad {
  const leaves = new Map<string, Node>();
  const value = scoped(() => checkValue(fn(trackedCopy(graph, params, leaves))));
  scoped(() => graph.backward(value.origin!, ones(value.backend, [], value.dtype) as DeviceTensor));
  value.origin = undefined;
  const result = value.storage.shared ? copy(value) : value; // not the memory of a parameter
  return { value: result, grads: collect(params, leaves) };
}

function trackedCopy(graph: Graph, params: Params, leaves: Map<string, Node>): Params {
  const tracked: Record<string, Tensor> = {};
  for (const [name, given] of Object.entries(params)) {
    const param = floating(given, `valueAndGrad of "${name}"`);
    if (param.origin) {
      throw new HeddleError(
        'tensor/autodiff',
        `valueAndGrad: the parameter "${name}" is tracked by an enclosing valueAndGrad. ` +
          'Gradients are of the first order only; pass detach(x).',
        { op: 'valueAndGrad', reason: 'second-order' },
      );
    }
    const leaf = graph.leaf(param);
    leaves.set(name, leaf.node);
    tracked[name] = leaf.tensor;
  }
  return tracked;
}

function checkValue(result: Tensor): DeviceTensor {
  const value = device(result, 'valueAndGrad');
  if (value.shape.length > 0) {
    throw wrongShape('valueAndGrad', [value], 'the function must return a scalar; use sum or mean');
  }
  if (!value.origin) {
    throw new HeddleError(
      'tensor/autodiff',
      `valueAndGrad: the result ${describe(value)} depends on none of the parameters. ` +
        'Compute it from the parameters that the function is given, not from those outside.',
      { op: 'valueAndGrad', reason: 'constant' },
    );
  }
  return value;
}

/** The leaves' gradients as tensors of the caller's scope. */
function collect(params: Params, leaves: ReadonlyMap<string, Node>): Params {
  const grads: Record<string, Tensor> = {};
  for (const [name, node] of leaves) {
    const gradient = node.gradients[0];
    const param = params[name] as DeviceTensor;
    grads[name] = gradient ? viewOf(gradient) : zeros(param.backend, param.shape, param.dtype);
  }
  return grads;
}
