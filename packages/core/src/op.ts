import type { RngKey } from './rng.js';

/*
 * The operations of the backend contract. Inputs and outputs are contiguous row-major views; the
 * comments give them as (inputs) -> outputs. `f` stands for a floating dtype (f32; bf16 where the
 * backend lists it), all floating inputs and outputs of one call have the same dtype unless said
 * otherwise. NaN propagates through arithmetic, `maximum`, `minimum` and `reduceMax`.
 *
 * Primitives must run on every backend. Fused operations are claimed one by one with
 * `supports()`; `@heddle/tensor` composes the others out of primitives.
 */

/** f [S] -> f [S], element by element. An output may be the input. */
export type UnaryKind =
  | 'neg'
  | 'abs'
  | 'sign'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'rsqrt'
  | 'sin'
  | 'cos'
  | 'tanh'
  | 'erf'
  | 'floor';

/**
 * (a, b) -> c with NumPy broadcasting to c's shape; f or i32. The output may be an input of the same
 * shape. i32 `div` truncates toward zero.
 */
export type BinaryKind = 'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum' | 'pow';

/** (a, b) -> i32 0 or 1, with broadcasting; f or i32 inputs. Comparisons with NaN give 0. */
export type CompareKind = 'equal' | 'less';

/**
 * Permission to round the operands of products to bf16 (nearest even) where the processor multiplies
 * those faster. Storage, sums and results keep their dtype. A backend may ignore it.
 */
export interface Precision {
  readonly precision?: 'bf16';
}

/**
 * With `accumulate`, further inputs follow, in the shapes of the first outputs that the operation
 * names, and are added to those; such an output may be in place of its input.
 */
export interface Accumulate {
  readonly accumulate?: boolean;
}

/** `geluTanh` is gelu with `approximate: 'tanh'`. */
export type LinearActivation = 'gelu' | 'geluTanh' | 'swiglu';

export type PrimitiveOp =
  | { readonly kind: UnaryKind }
  | { readonly kind: BinaryKind }
  | { readonly kind: CompareKind }
  /** (condition i32, a, b) -> c: a where the condition is not 0, else b; all three broadcast. */
  | { readonly kind: 'select' }
  /** x -> y of another dtype. f to i32 truncates toward zero; f32 to bf16 rounds to nearest even. */
  | { readonly kind: 'cast' }
  /**
   * (a, b) -> c. Rank 2: [M, K] x [K, N] -> [M, N]; rank 3: the same for each of the equal first
   * axes. With `transposeA` a is [K, M], with `transposeB` b is [N, K]. K = 0 gives zeros.
   */
  | ({
      readonly kind: 'matmul';
      readonly transposeA: boolean;
      readonly transposeB: boolean;
    } & Precision)
  /** x -> y; y's shape is x's with the (sorted, unique) axes of size 1. Empty: 0, or -Infinity. f or i32. */
  | { readonly kind: 'reduceSum' | 'reduceMax'; readonly axes: readonly number[] }
  /** x [..., N] -> i32 [...]: index of the first largest element of the last axis; N > 0; unspecified with NaN. */
  | { readonly kind: 'argMax' }
  /** x -> y with y.shape[i] = x.shape[axes[i]]. Any dtype, as are the other layout operations. */
  | { readonly kind: 'permute'; readonly axes: readonly number[] }
  /** x -> y: the block of y's shape that begins at `start`. */
  | { readonly kind: 'slice'; readonly start: readonly number[] }
  /** x -> y: x placed at `before` in a block of y's shape that is `value` elsewhere. */
  | { readonly kind: 'pad'; readonly before: readonly number[]; readonly value: number }
  /** (x1, …, xn) -> y, one after the other along `axis`; n >= 1. */
  | { readonly kind: 'concat'; readonly axis: number }
  /** x -> y, broadcast to y's shape; with equal shapes, a copy. */
  | { readonly kind: 'broadcast' }
  /** (target, patch) -> target with `patch` written at `start`. The output may be (and usually is) the target. */
  | { readonly kind: 'updateSlice'; readonly start: readonly number[] }
  /** (table [V, ...R], ids i32 [...I]) -> [...I, ...R]. Ids are in range (checked where the host made them). */
  | { readonly kind: 'gather' }
  /** (base [V, ...R], ids i32 [...I], rows [...I, ...R]) -> base with the rows added, in a fixed order. May be in place on base. */
  | { readonly kind: 'scatterAdd' }
  /** () -> y, every element `value`. Any dtype. */
  | { readonly kind: 'fill'; readonly value: number }
  /** () -> y i32 [N]: 0, 1, …, N-1. */
  | { readonly kind: 'iota' }
  /** () -> y f32: element i (row-major) as defined by `randomUniform` of this package. */
  | { readonly kind: 'randomUniform'; readonly key: RngKey };

export interface AttentionOptions {
  /** Query i (of T) sees key j (of S) only if j <= i + S - T: the queries are the last T positions. */
  readonly causal: boolean;
  /** Factor of the scores before the softmax, usually 1 / sqrt(D). */
  readonly scale: number;
  /** If given, query i sees only the last `window` of the positions that `causal` lets it see; causal only. */
  readonly window?: number;
  /** If given, only the first `keyLength` rows of k and v exist (a cache with spare room): it takes the place of S. */
  readonly keyLength?: number;
  /** If given, q, k and v are one tensor [B, T, H + 2 G, D] with this G, as one projection makes them; so are their gradients. Without `keyLength`. */
  readonly packedGroups?: number;
}

export type FusedOp =
  /**
   * (x [M, K], w [K, N] or, transposed, [N, K], bias [N] if `bias`, residual [M, N] if `residual`)
   * -> x w + bias + residual. Here and in `linearActivation`, w may be bf16 beside f32 where the
   * backend lists bf16.
   */
  | ({
      readonly kind: 'linear';
      readonly transposeWeight: boolean;
      readonly bias: boolean;
      readonly residual: boolean;
    } & Precision)
  /** (x, w, bias if `bias`, gate [M, N] for swiglu) -> (activation(z), z = x w + bias); swiglu(gate, z) = silu(gate) z. */
  | ({
      readonly kind: 'linearActivation';
      readonly transposeWeight: boolean;
      readonly bias: boolean;
      readonly activation: LinearActivation;
    } & Precision)
  /**
   * The derivative of linear(activation(z), w) by z: (dy [M, N], w, z [M, K]) -> dz; for swiglu
   * (dy, w, gate, z) -> (dgate, dz).
   */
  | ({
      readonly kind: 'activationLinearBackward';
      readonly transposeWeight: boolean;
      readonly activation: LinearActivation;
    } & Precision)
  /** The derivative of `linear` by weight and, if `bias`, bias: (x [M, K], dy [M, N]) -> (dw, dbias). `accumulate`: (x, dy, dw before, dbias before). */
  | ({
      readonly kind: 'linearBackwardWeight';
      readonly transposeWeight: boolean;
      readonly bias: boolean;
    } & Precision &
      Accumulate)
  /** x -> y. `tanh`: 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), else with erf (Hendrycks & Gimpel 2016). */
  | { readonly kind: 'gelu'; readonly approximate: 'none' | 'tanh' }
  /** (x, dy) -> dx. */
  | { readonly kind: 'geluBackward'; readonly approximate: 'none' | 'tanh' }
  /** (gate, up) -> silu(gate) * up (Shazeer 2020). */
  | { readonly kind: 'swiglu' }
  /** (gate, up, dy) -> (dgate, dup). */
  | { readonly kind: 'swigluBackward' }
  /** x [..., N] -> y, over the last axis. A row of -Infinity alone gives zeros. */
  | { readonly kind: 'softmax' }
  /** (y, dy) -> dx. */
  | { readonly kind: 'softmaxBackward' }
  /** (x [..., D], gain [D], bias [D]) -> (y, mean f32 [...], rstd f32 [...]) (Ba et al. 2016). */
  | { readonly kind: 'layerNorm'; readonly epsilon: number }
  /** (x, gain, mean, rstd, dy) -> (dx, dgain, dbias). `accumulate`: (…, dy, dx before). */
  | ({ readonly kind: 'layerNormBackward' } & Accumulate)
  /** (x [..., D], gain [D]) -> (y, rstd f32 [...]) (Zhang & Sennrich 2019). */
  | { readonly kind: 'rmsNorm'; readonly epsilon: number }
  /** (x, gain, rstd, dy) -> (dx, dgain). `accumulate`: (…, dy, dx before). */
  | ({ readonly kind: 'rmsNormBackward' } & Accumulate)
  /**
   * (x [B, T, H, D], cos f32 [1 or B, T, D/2], sin like cos) -> y: rotates the pairs (i, i + D/2)
   * (Su et al. 2021, in the layout of Llama checkpoints). Its derivative is itself with `inverse`.
   */
  | { readonly kind: 'rope'; readonly inverse: boolean }
  /**
   * (q [B, T, H, D], k [B, S, G, D], v [B, S, G, D], and optionally the segments of queries i32
   * [B, T] and of keys i32 [B, S]) -> (out [B, T, H, D], logSumExp f32 [B, H, T]). H is a multiple
   * of G; head h uses group floor(h / (H / G)). With segments a query sees only keys of its own
   * segment. A query that sees nothing gives zeros (and logSumExp -Infinity).
   */
  | ({ readonly kind: 'attention' } & AttentionOptions & Precision)
  /** (q, k, v, out, logSumExp, dout, optionally both segments) -> (dq, dk, dv). Without `keyLength`. */
  | ({ readonly kind: 'attentionBackward' } & AttentionOptions & Precision)
  /** (logits [N, V], targets i32 [N]) -> (loss f32 [N], logSumExp f32 [N]); where the target is `ignoreIndex` the loss is 0 (and logSumExp unspecified). */
  | { readonly kind: 'crossEntropy'; readonly ignoreIndex: number }
  /** (logits, targets, logSumExp, dloss f32 [N]) -> dlogits, which may be in place of the logits. */
  | { readonly kind: 'crossEntropyBackward'; readonly ignoreIndex: number }
  /** x -> y: x / (1 - rate) where `randomUniform(key)` >= rate, else 0. Its derivative is itself on dy. */
  | { readonly kind: 'dropout'; readonly rate: number; readonly key: RngKey }
  /** (x1, …, xn) -> f32 []: the sum of the squares of all elements. */
  | { readonly kind: 'sumOfSquares' }
  /**
   * (scale f32 [], then p, g, m, v for each parameter) -> (p, m, v for each), in place. Gradients are
   * multiplied by `scale`; if that is not finite, nothing changes. `step` counts from 1.
   * (Loshchilov & Hutter 2019; the update of torch.optim.AdamW.)
   */
  | {
      readonly kind: 'adamw';
      readonly lr: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly weightDecay: number;
      readonly step: number;
    };

export type Op = PrimitiveOp | FusedOp;
export type OpKind = Op['kind'];

/** Kinds of all primitives: what a backend must run. */
export const PRIMITIVES: readonly PrimitiveOp['kind'][] = [
  'neg',
  'abs',
  'sign',
  'exp',
  'log',
  'sqrt',
  'rsqrt',
  'sin',
  'cos',
  'tanh',
  'erf',
  'floor',
  'add',
  'sub',
  'mul',
  'div',
  'maximum',
  'minimum',
  'pow',
  'equal',
  'less',
  'select',
  'cast',
  'matmul',
  'reduceSum',
  'reduceMax',
  'argMax',
  'permute',
  'slice',
  'pad',
  'concat',
  'broadcast',
  'updateSlice',
  'gather',
  'scatterAdd',
  'fill',
  'iota',
  'randomUniform',
];

/** Kinds of all fused operations: what a backend may run. */
export const FUSED: readonly FusedOp['kind'][] = [
  'linear',
  'linearActivation',
  'activationLinearBackward',
  'linearBackwardWeight',
  'gelu',
  'geluBackward',
  'swiglu',
  'swigluBackward',
  'softmax',
  'softmaxBackward',
  'layerNorm',
  'layerNormBackward',
  'rmsNorm',
  'rmsNormBackward',
  'rope',
  'attention',
  'attentionBackward',
  'crossEntropy',
  'crossEntropyBackward',
  'dropout',
  'sumOfSquares',
  'adamw',
];
