import { HeddleError, type Tensor } from '@heddle/core';
import { add } from './ops/binary.js';
import { runInto } from './run.js';
import { keep, scoped } from './scope.js';
import { type DeviceTensor, unscopedView, viewOf } from './tensor.js';

/** Which output of which node a tensor is. */
export interface Origin {
  readonly node: Node;
  readonly output: number;
}

/**
 * The gradients of the inputs, given those of the outputs; undefined stands for zero. `sums[i]` is what
 * input i's gradient amounts to so far, where that may be added to in place: an operation that can do
 * so returns the same tensor.
 */
export type Backward = (
  dys: readonly (Tensor | undefined)[],
  sums: Sums,
) => readonly (Tensor | undefined)[];
export type Sums = readonly (DeviceTensor | undefined)[];

/** Keeps a tensor for the backward pass: returns an alias without gradient that lives until then. */
export type Save = (x: DeviceTensor) => DeviceTensor;

/** One recorded operation: where its inputs come from, what it saved, how gradients go through it. */
export class Node {
  readonly gradients: (DeviceTensor | undefined)[] = [];
  readonly saved: DeviceTensor[] = [];
  backward: Backward | undefined;

  constructor(
    readonly graph: Graph,
    readonly op: string,
    readonly inputs: readonly (Origin | undefined)[],
  ) {}

  save(x: DeviceTensor): DeviceTensor {
    const alias = unscopedView(x);
    alias.storage.guard();
    this.saved.push(alias);
    return alias;
  }

  release(): void {
    for (const x of this.saved) {
      x.storage.unguard();
      x.dispose();
    }
    for (const x of this.gradients) x?.dispose();
    this.saved.length = 0;
    this.gradients.length = 0;
    this.backward = undefined;
  }
}

/** The operations of one differentiated function, in the order in which they ran. */
export class Graph {
  readonly #nodes: Node[] = [];
  /** Why nothing may be recorded now, if so. */
  closed: 'second-order' | 'captured' | undefined;
  /** Its tensors are constants from now on. */
  finished = false;

  add(op: string, inputs: readonly (Origin | undefined)[]): Node {
    if (this.closed) throw closedGraph(op, this.closed);
    const node = new Node(this, op, inputs);
    this.#nodes.push(node);
    return node;
  }

  /** A tracked alias of `x`: what the function is differentiated by. */
  leaf(x: DeviceTensor): { readonly node: Node; readonly tensor: DeviceTensor } {
    const node = this.add('leaf', []);
    const tensor = viewOf(x);
    tensor.origin = { node, output: 0 };
    return { node, tensor };
  }

  /**
   * Sends `dy`, the gradient of `y`, back to the leaves. Every operation ran after those that made
   * its inputs, so the reverse order of recording is topological; what an operation saved, and the
   * gradients of its outputs, are freed as soon as it has been passed.
   */
  backward(y: Origin, dy: DeviceTensor): void {
    this.closed = 'second-order';
    accumulate(y, dy);
    for (let i = this.#nodes.length - 1; i >= 0; i--) {
      const node = this.#nodes[i];
      if (!node.backward) continue; // a leaf: it holds its gradient
      if (node.gradients.length > 0) scoped(() => propagate(node));
      node.release();
    }
  }

  /** Frees what is left, e.g. after an error. */
  release(): void {
    for (const node of this.#nodes) node.release();
    this.#nodes.length = 0;
    this.finished = true;
  }
}

function propagate(node: Node): void {
  const sums = node.inputs.map((origin) => origin && changeable(origin));
  const gradients = node.backward!(node.gradients, sums);
  node.inputs.forEach((origin, i) => {
    const gradient = gradients[i];
    if (origin && gradient && gradient !== sums[i]) accumulate(origin, gradient as DeviceTensor);
  });
}

/** The gradient that the origin has, if nobody else sees its memory. */
function changeable({ node, output }: Origin): DeviceTensor | undefined {
  const sum = node.gradients[output];
  return sum && !sum.storage.shared && !sum.storage.guarded ? sum : undefined;
}

/** Adds `gradient` to what the origin has, in place where that can be. */
function accumulate(origin: Origin, gradient: DeviceTensor): void {
  const { node, output } = origin;
  const sum = node.gradients[output];
  if (!sum) {
    node.gradients[output] = unscopedView(gradient);
  } else if (changeable(origin)) {
    runInto({ kind: 'add' }, [sum, gradient], [sum]);
  } else {
    node.gradients[output] = keep(add(sum, gradient) as DeviceTensor);
    sum.dispose();
  }
}

/**
 * Records an operation with one output if any input has a gradient; `define` saves what the backward
 * pass needs (`needs[i]`: input i wants a gradient) and returns it. Gives `y` back.
 */
export function track(
  op: string,
  y: DeviceTensor,
  inputs: readonly DeviceTensor[],
  define: (
    needs: readonly boolean[],
    save: Save,
  ) => (dy: Tensor, sums: Sums) => readonly (Tensor | undefined)[],
): DeviceTensor {
  trackAll(op, [y], inputs, (needs, save) => {
    const backward = define(needs, save);
    return ([dy], sums) => backward(dy!, sums);
  });
  return y;
}

/** `track` for several outputs; the gradients of those that nobody used are undefined. */
export function trackAll(
  op: string,
  outputs: readonly DeviceTensor[],
  inputs: readonly DeviceTensor[],
  define: (needs: readonly boolean[], save: Save) => Backward,
): void {
  const graph = graphOf(op, inputs);
  if (!graph) return;
  const node = graph.add(
    op,
    inputs.map((x) => x.origin),
  );
  node.backward = define(
    inputs.map((x) => x.origin !== undefined),
    (x) => node.save(x),
  );
  outputs.forEach((y, output) => {
    y.origin = { node, output };
  });
}

/** The graph that the tracked ones of `inputs` belong to. */
export function graphOf(op: string, inputs: readonly DeviceTensor[]): Graph | undefined {
  let graph: Graph | undefined;
  for (const { origin } of inputs) {
    if (!origin) continue;
    if (graph && origin.node.graph !== graph) throw closedGraph(op, 'second-order');
    graph = origin.node.graph;
  }
  return graph;
}

function closedGraph(op: string, reason: 'second-order' | 'captured'): HeddleError {
  const message =
    reason === 'captured'
      ? `${op}: a checkpointed function uses a tensor that needs a gradient but is not among its arguments. ` +
        'Pass it as an argument: checkpoint((params, x) => ...)(params, x).'
      : `${op}: an operand is tracked by another valueAndGrad, or by one in its backward pass. Gradients are of ` +
        'the first order only; use detach(x) where no gradient is wanted.';
  return new HeddleError('tensor/autodiff', message, { op, reason });
}

/** Throws unless `x` is a constant: for arguments that have no derivative. */
export function requireConstant(op: string, argument: string, x: DeviceTensor): void {
  if (!x.origin) return;
  throw new HeddleError(
    'tensor/autodiff',
    `${op}: ${argument} has no derivative here, but a gradient is wanted for it. Use detach(${argument}).`,
    { op, reason: 'not-differentiable' },
  );
}
