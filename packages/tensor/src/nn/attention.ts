import {
  type AttentionOptions,
  type FusedOp,
  HeddleError,
  type Shape,
  sameShape,
  type Tensor,
} from '@heddle/core';
import { track } from '../graph.js';
import { split } from '../ops/layout.js';
import { precisionOf } from '../precision.js';
import { backendOf, runAll } from '../run.js';
import { scoped } from '../scope.js';
import { type DeviceTensor, floating, integer, sameDType, viewOf, wrongShape } from '../tensor.js';
import { attentionBackwardComposed, attentionComposed } from './attention-composed.js';

export interface AttentionArguments {
  /** Query i (of T) sees key j (of S) only if j <= i + S - T: the queries are the last T positions. */
  readonly causal: boolean;
  /** Factor of the scores; default 1 / sqrt(D). */
  readonly scale?: number;
  /** A query sees only the last `window` of the positions that `causal` lets it see. */
  readonly window?: number;
  /** i32 [B, T] and [B, S], both or neither: a query sees only keys of its own segment. */
  readonly querySegments?: Tensor;
  readonly keySegments?: Tensor;
  /** Only the first `keyLength` keys exist, and it takes the place of S: a cache with spare room. No gradient then. */
  readonly keyLength?: number;
}

/**
 * Scaled dot-product attention (Vaswani et al. 2017), with grouped queries (Ainslie et al. 2023) where
 * k and v have fewer heads: head h uses group floor(h / (H / G)). A query that sees nothing gives zeros.
 * q: [B, T, H, D], k and v: [B, S, G, D] -> [B, T, H, D].
 */
export function attention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  given: AttentionArguments,
): Tensor {
  const qkv = [query, key, value].map((x) => floating(x, 'attention'));
  const segments = segmentsOf(qkv, given);
  backendOf('attention', [...qkv, ...segments]);
  sameDType('attention', qkv);
  checkShapes(qkv);
  return recorded(qkv, qkv[0].shape, segments, optionsOf(qkv, given));
}

/**
 * The same with queries, keys and values in one tensor, as one projection makes them: the H heads of
 * the queries, then the `groups` of the keys, then those of the values.
 * qkv: [B, T, H + 2 groups, D] -> [B, T, H, D].
 */
export function packedAttention(
  input: Tensor,
  groups: number,
  given: Omit<AttentionArguments, 'keyLength'>,
): Tensor {
  const qkv = floating(input, 'packedAttention');
  const [batch, length, all, width] = qkv.shape;
  const heads = all - 2 * groups;
  if (qkv.shape.length !== 4 || !(groups > 0 && heads > 0) || heads % groups !== 0) {
    const rule = `qkv [B, T, H + 2 groups, D] needs H a multiple of the groups, ${groups}`;
    throw wrongShape('packedAttention', [qkv], rule);
  }
  const shape = [batch, length, heads, width];
  const options = { ...optionsOf([qkv, qkv], given), packedGroups: groups };
  const ops = (['attention', 'attentionBackward'] as const).map((kind) => ({ kind, ...options }));
  if (!ops.every((op) => qkv.backend.supports(op, qkv.dtype))) {
    const [q, k, v] = split(qkv, [heads, groups, groups], 2);
    return attention(q, k, v, given);
  }
  const segments = segmentsOf([qkv, qkv], given);
  backendOf('packedAttention', [qkv, ...segments]);
  return recorded([qkv], shape, segments, options);
}

/** Attention of q, k and v, or of the one tensor that holds them; `shape` is that of the result. */
function recorded(
  operands: readonly DeviceTensor[],
  shape: Shape,
  segments: readonly DeviceTensor[],
  given: AttentionOptions,
): Tensor {
  const options = { ...given, ...precisionOf(operands) };
  const [out, logSumExp] = forward(operands, shape, segments, options);
  return track('attention', out, operands, (_, save) => {
    if (options.keyLength !== undefined) throw noGradient();
    const saved = operands.map(save);
    const results = [out, logSumExp].map(save);
    const savedSegments = segments.map(save);
    return (dout) => backward(saved, [...results, dout as DeviceTensor], savedSegments, options);
  });
}

/** (out, logSumExp). */
function forward(
  operands: readonly DeviceTensor[],
  shape: Shape,
  segments: readonly DeviceTensor[],
  options: AttentionOptions,
): DeviceTensor[] {
  const [q] = operands;
  const [batch, length, heads] = shape;
  const op: FusedOp = { kind: 'attention', ...options };
  if (q.backend.supports(op, q.dtype)) {
    const specs = [
      { shape, dtype: q.dtype },
      { shape: [batch, heads, length], dtype: 'f32' as const },
    ];
    return runAll(op, [...operands, ...segments], specs);
  }
  return scoped(() =>
    attentionComposed(
      operands.map((x) => viewOf(x)),
      segments,
      options,
    ),
  );
}

/** The gradients of the operands, from these and (out, logSumExp, dout). */
function backward(
  operands: readonly DeviceTensor[],
  results: readonly DeviceTensor[],
  segments: readonly DeviceTensor[],
  options: AttentionOptions,
): Tensor[] {
  const [q] = operands;
  const op: FusedOp = { kind: 'attentionBackward', ...options };
  if (q.backend.supports(op, q.dtype))
    return runAll(op, [...operands, ...results, ...segments], operands);
  const [out, logSumExp, dout] = results;
  return attentionBackwardComposed([...operands, out, logSumExp], segments, dout, options);
}

function segmentsOf(qkv: readonly DeviceTensor[], given: AttentionArguments): DeviceTensor[] {
  const { querySegments, keySegments } = given;
  if (!querySegments && !keySegments) return [];
  if (!querySegments || !keySegments) {
    throw invalid('segments', 'one', 'querySegments and keySegments must be given both or neither');
  }
  const pair = [integer(querySegments, 'attention'), integer(keySegments, 'attention')];
  pair.forEach((segments, i) => {
    if (!sameShape(segments.shape, qkv[i].shape.slice(0, 2))) {
      throw wrongShape(
        'attention',
        [qkv[i], segments],
        'segments must be [B, T] for q and [B, S] for k',
      );
    }
  });
  return pair;
}

function checkShapes(qkv: readonly DeviceTensor[]): void {
  const [q, k, v] = qkv;
  const fits =
    q.shape.length === 4 &&
    k.shape.length === 4 &&
    sameShape(k.shape, v.shape) &&
    q.shape[0] === k.shape[0] &&
    q.shape[3] === k.shape[3] &&
    k.shape[2] > 0 &&
    q.shape[2] % k.shape[2] === 0;
  if (!fits) {
    throw wrongShape(
      'attention',
      qkv,
      'q [B, T, H, D] needs k and v [B, S, G, D] with H a multiple of G',
    );
  }
}

function optionsOf(qkv: readonly DeviceTensor[], given: AttentionArguments): AttentionOptions {
  const [q, k] = qkv;
  const { causal, window, keyLength, scale = 1 / Math.sqrt(q.shape[3]) } = given;
  if (window !== undefined && (!causal || !Number.isInteger(window) || window < 1)) {
    throw invalid('window', window, 'it must be an integer from 1 on, and needs causal: true');
  }
  const size = k.shape[1];
  if (
    keyLength !== undefined &&
    !(Number.isInteger(keyLength) && keyLength >= 0 && keyLength <= size)
  ) {
    throw invalid('keyLength', keyLength, `it must be an integer from 0 to S = ${size}`);
  }
  return {
    causal,
    scale,
    ...(window === undefined ? {} : { window }),
    ...(keyLength === undefined ? {} : { keyLength }),
  };
}

function invalid(argument: string, given: number | string, rule: string): HeddleError {
  return new HeddleError('invalid-argument', `attention: ${argument} ${given} given; ${rule}.`, {
    argument,
    given: String(given),
  });
}

function noGradient(): HeddleError {
  return new HeddleError(
    'tensor/autodiff',
    'attention: with keyLength there is no gradient. Decode outside valueAndGrad, or leave keyLength out.',
    { op: 'attention', reason: 'not-differentiable' },
  );
}
