import type { Params, Tensor } from '@heddle/core';
import { Graph, graphOf, type Node, track } from './graph.js';
import { autocast, currentPrecision } from './precision.js';
import { scoped } from './scope.js';
import { DeviceTensor, device, viewOf } from './tensor.js';

/** What a checkpointed function may take: tensors and records of tensors. */
export type CheckpointArgument = Tensor | Params;

/**
 * `fn` with its activations recomputed in the backward pass instead of kept (Chen et al. 2016,
 * "Training deep nets with sublinear memory cost"): only the arguments stay in memory. All that needs
 * a gradient must be an argument, for example `checkpoint((p: Params, x: Tensor) => block(p, x))(params, x)`;
 * anything else that `fn` uses is constant, must outlive the backward pass, and must not change.
 *
 * @throws tensor/autodiff if `fn` uses a tracked tensor that is not among its arguments.
 */
export function checkpoint<A extends readonly CheckpointArgument[]>(
  fn: (...args: A) => Tensor,
): (...args: A) => Tensor {
  return (...args) => {
    const inputs = args.flatMap(tensorsOf);
    const graph = graphOf('checkpoint', inputs);
    if (!graph) return scoped(() => fn(...args));
    const output = sealed(graph, () =>
      scoped(() =>
        viewOf(
          device(
            fn(
              ...replaced(
                args,
                inputs.map((x) => viewOf(x)),
              ),
            ),
            'checkpoint',
          ),
        ),
      ),
    );
    return track('checkpoint', output, inputs, (needs, save) => {
      const saved = inputs.map(save);
      const precision = currentPrecision();
      return (dy) =>
        autocast(precision, () => recompute(fn, args, saved, needs, dy as DeviceTensor));
    });
  };
}

/** Runs `fn` again with a record of its own, and sends `dy` through that. */
function recompute<A extends readonly CheckpointArgument[]>(
  fn: (...args: A) => Tensor,
  args: A,
  saved: readonly DeviceTensor[],
  needs: readonly boolean[],
  dy: DeviceTensor,
): (Tensor | undefined)[] {
  const graph = new Graph();
  try {
    const leaves: (Node | undefined)[] = [];
    const output = scoped(() => {
      const fresh = saved.map((x, i) => {
        const leaf = needs[i] ? graph.leaf(x) : undefined;
        leaves.push(leaf?.node);
        return leaf?.tensor ?? viewOf(x);
      });
      return device(fn(...replaced(args, fresh)), 'checkpoint');
    });
    if (output.origin) graph.backward(output.origin, dy);
    return leaves.map((leaf) => leaf?.gradients[0] && viewOf(leaf.gradients[0]));
  } finally {
    graph.release();
  }
}

/** Nothing may be recorded in `graph` while `fn` runs. */
function sealed<T>(graph: Graph, fn: () => T): T {
  const before = graph.closed;
  graph.closed = before ?? 'captured';
  try {
    return fn();
  } finally {
    graph.closed = before;
  }
}

function tensorsOf(argument: CheckpointArgument): DeviceTensor[] {
  if (argument instanceof DeviceTensor) return [device(argument, 'checkpoint')];
  return Object.values(argument).map((x) => device(x, 'checkpoint'));
}

/** The arguments with their tensors replaced, in order. */
function replaced<A extends readonly CheckpointArgument[]>(
  args: A,
  tensors: readonly DeviceTensor[],
): A {
  let next = 0;
  const fresh = args.map((argument) => {
    if (argument instanceof DeviceTensor) return tensors[next++];
    return Object.fromEntries(Object.keys(argument).map((name) => [name, tensors[next++]]));
  });
  return fresh as readonly CheckpointArgument[] as A;
}
