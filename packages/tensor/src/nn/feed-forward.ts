import { type FusedOp, HeddleError, type LinearActivation, type Tensor } from '@heddle/core';
import { type Save, type Sums, track } from '../graph.js';
import { add } from '../ops/binary.js';
import { reshape } from '../ops/layout.js';
import { precisionOf } from '../precision.js';
import { runAll } from '../run.js';
import { scoped } from '../scope.js';
import { type DeviceTensor, floating, viewOf, wrongShape } from '../tensor.js';
import { gelu, swiglu } from './activation.js';
import {
  type LinearLayer,
  linear,
  linearBackwardInput,
  linearBackwardWeight,
  linearLayer,
  linearRows,
} from './linear.js';

export interface FeedForwardLayer {
  readonly weight: Tensor;
  readonly bias?: Tensor;
}

export interface FeedForwardOptions {
  readonly activation: LinearActivation;
  readonly up: FeedForwardLayer;
  /** For swiglu, and for it alone. */
  readonly gate?: FeedForwardLayer;
  readonly down: FeedForwardLayer;
  /** Whether all weights are [out, in], as torch.nn.Linear keeps them, instead of [in, out]. */
  readonly transposeWeight?: boolean;
  /** [..., E], added to the result. */
  readonly residual?: Tensor;
}

/**
 * The feed-forward layer of a Transformer: down(activation(up(x))), with swiglu
 * down(silu(gate(x)) up(x)) (Shazeer 2020), plus the residual. x: [..., E] -> [..., E].
 *
 * The same as `linear`, `gelu` or `swiglu`, and `linear`, but a backend may run the activation and its
 * derivative inside the products.
 */
export function feedForward(input: Tensor, options: FeedForwardOptions): Tensor {
  const { activation, transposeWeight = false, residual } = options;
  if ((activation === 'swiglu') !== (options.gate !== undefined)) {
    throw new HeddleError(
      'invalid-argument',
      `feedForward: ${activation} is given ${options.gate ? 'a gate' : 'no gate'}. Give one for swiglu, and for it alone.`,
      { argument: 'gate', given: String(options.gate) },
    );
  }
  const layer = (given: FeedForwardLayer, x: Tensor): LinearLayer =>
    linearLayer('feedForward', x, { ...given, transposeWeight });
  const up = layer(options.up, input);
  const gate = options.gate && layer(options.gate, input);
  if (!isFused(activation, up)) return composed(input, options);
  return scoped(() => {
    const hidden = activated(activation, up, gate);
    const down = layer(options.down, hidden.y);
    const width = down.w.shape[transposeWeight ? 0 : 1];
    const shape = [...input.shape.slice(0, -1), width];
    if (residual && residual.shape.join() !== shape.join())
      throw wrongShape(
        'feedForward',
        [down.w, floating(residual, 'feedForward')],
        `the residual must be [${shape}]`,
      );
    const rows = residual && (reshape(residual, [up.x.shape[0], width]) as DeviceTensor);
    const y = linearRows(
      hidden.y,
      plain(down.w),
      down.bias && plain(down.bias),
      rows && plain(rows),
      transposeWeight,
    );
    const weights = [gate, up, down].flatMap((own) =>
      own ? [own.w, ...(own.bias ? [own.bias] : [])] : [],
    );
    const inputs = [up.x, ...weights, ...(rows ? [rows] : [])];
    const tracked = track('feedForward', y, inputs, (needs, save) =>
      backward({ activation, up, gate, down }, hidden, needs, save),
    );
    return reshape(tracked, shape);
  });
}

interface Layers {
  readonly activation: LinearActivation;
  readonly up: LinearLayer;
  readonly gate: LinearLayer | undefined;
  readonly down: LinearLayer;
}

/** What the activation made: y = activation(z), or with a gate's result silu(gate) z. */
interface Hidden {
  readonly y: DeviceTensor;
  readonly z: DeviceTensor;
  readonly gate: DeviceTensor | undefined;
}

/** Without its history: what is computed from it is not recorded. */
function plain(x: DeviceTensor): DeviceTensor {
  return viewOf(x);
}

function forwardOp(
  activation: LinearActivation,
  { x, w, bias, transposeWeight }: LinearLayer,
): FusedOp {
  const precision = precisionOf([x, w]);
  return {
    kind: 'linearActivation',
    transposeWeight,
    bias: bias !== undefined,
    activation,
    ...precision,
  };
}

function backwardOp(activation: LinearActivation, { x, w, transposeWeight }: LinearLayer): FusedOp {
  return { kind: 'activationLinearBackward', transposeWeight, activation, ...precisionOf([x, w]) };
}

function isFused(activation: LinearActivation, up: LinearLayer): boolean {
  const { backend, dtype } = up.x;
  return [forwardOp, backwardOp].every((op) => backend.supports(op(activation, up), dtype));
}

function activated(
  activation: LinearActivation,
  up: LinearLayer,
  gate: LinearLayer | undefined,
): Hidden {
  const { x, w, bias, transposeWeight } = up;
  const gated =
    gate &&
    linearRows(
      plain(gate.x),
      plain(gate.w),
      gate.bias && plain(gate.bias),
      undefined,
      transposeWeight,
    );
  const spec = { shape: [x.shape[0], w.shape[transposeWeight ? 0 : 1]], dtype: x.dtype };
  const inputs = [x, w, ...(bias ? [bias] : []), ...(gated ? [gated] : [])];
  const [y, z] = runAll(forwardOp(activation, up), inputs, [spec, spec]);
  return { y, z, gate: gated };
}

/** Gradients in the order x, gate's weight and bias, up's, down's, residual. */
function backward(
  { activation, up, gate, down }: Layers,
  hidden: Hidden,
  needs: readonly boolean[],
  save: Save,
): (dy: Tensor, sums: Sums) => (Tensor | undefined)[] {
  const { transposeWeight } = up;
  const precision = precisionOf([up.x, up.w]);
  const op = backwardOp(activation, down);
  const [x, h, z] = [up.x, hidden.y, hidden.z].map(save);
  const gated = hidden.gate && save(hidden.gate);
  const weights = { up: save(up.w), gate: gate && save(gate.w), down: save(down.w) };
  const toInput = needs[0];
  return (given, sums) => {
    const dy = given as DeviceTensor;
    let next = 1;
    /** Gradients of one layer's weight and bias; none if neither wants them. */
    const ofWeights = (
      layer: LinearLayer,
      before: DeviceTensor,
      after: DeviceTensor,
    ): (Tensor | undefined)[] => {
      const bias = layer.bias !== undefined;
      const [first, count] = [next, bias ? 2 : 1];
      next += count;
      if (!needs.slice(first, next).some(Boolean)) return Array(count).fill(undefined);
      const options = { transposeWeight, bias, sums: sums.slice(first, next), ...precision };
      return linearBackwardWeight(before, after, options);
    };
    const specs = gated ? [gated, z] : [z];
    const inside = runAll(op, [dy, weights.down, ...specs], specs);
    const [dgate, dz] = gated ? inside : [undefined, inside[0]];
    const grads = [
      ...(gate && dgate ? ofWeights(gate, x, dgate) : []),
      ...ofWeights(up, x, dz),
      ...ofWeights(down, h, dy),
    ];
    const through = (d: DeviceTensor, w: DeviceTensor): Tensor =>
      linearBackwardInput(d, w, transposeWeight, precision);
    const dx = toInput ? through(dz, weights.up) : undefined;
    const total = dx && dgate && weights.gate ? add(dx, through(dgate, weights.gate)) : dx;
    return [total, ...grads, dy];
  };
}

/** The same of separate operations. */
function composed(x: Tensor, options: FeedForwardOptions): Tensor {
  const { activation, up, gate, down, transposeWeight, residual } = options;
  const before = linear(x, up.weight, { bias: up.bias, transposeWeight });
  const hidden = gate
    ? swiglu(linear(x, gate.weight, { bias: gate.bias, transposeWeight }), before)
    : gelu(before, { approximate: activation === 'gelu' ? 'none' : 'tanh' });
  return linear(hidden, down.weight, { bias: down.bias, transposeWeight, residual });
}
