import type { AttentionOptions, ValueSpec } from '@heddle/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Kernels } from '../../kernel.js';
import type { Products } from '../products.js';
import { type Heads, type Part, readHeads, readHeadsTransposed, writeHeads } from './heads.js';
import type { HostMemory, Numbers } from './memory.js';
import { logSumExp, softmaxInPlace } from './rowwise.js';
import { type Segments, scaleScores, visibleRange } from './visible.js';

/** q [B, T, H, D], k and v [B, S, G, D] wherever they lie, with R = H / G heads to a group. */
interface Sizes {
  readonly batch: number;
  readonly queries: number;
  readonly keys: number;
  readonly groups: number;
  readonly repeats: number;
}

interface Operands {
  readonly sizes: Sizes;
  readonly q: Heads;
  readonly k: Heads;
  readonly v: Heads;
  /** What follows q, k and v, or the tensor that holds them. */
  readonly others: readonly tf.Tensor[];
}

function operandsOf(op: AttentionOptions, inputs: readonly tf.Tensor[]): Operands {
  const { packedGroups, keyLength } = op;
  const [batch, queries, all]: number[] = inputs[0].shape;
  if (packedGroups === undefined) {
    const [q, k, v] = inputs.slice(0, 3).map((tensor) => ({ tensor, first: 0 }));
    const [, allocated, groups]: number[] = k.tensor.shape;
    const keys = keyLength ?? allocated;
    const sizes = { batch, queries, keys, groups, repeats: all / groups };
    return { sizes, q, k, v, others: inputs.slice(3) };
  }
  const heads = all - 2 * packedGroups;
  const at = (first: number): Heads => ({ tensor: inputs[0], first });
  const repeats = heads / packedGroups;
  return {
    sizes: { batch, queries, keys: queries, groups: packedGroups, repeats },
    q: at(0),
    k: at(heads),
    v: at(heads + packedGroups),
    others: inputs.slice(1),
  };
}

/** Every group of every sequence: its heads of the queries, and that of the keys. */
function* partsOf(sizes: Sizes): Generator<{ query: Part; key: Part }> {
  const { batch, groups, repeats, queries, keys } = sizes;
  for (let b = 0; b < batch; b++) {
    for (let g = 0; g < groups; g++) {
      yield {
        query: { batch: b, head: g * repeats, heads: repeats, positions: queries },
        key: { batch: b, head: g, heads: 1, positions: keys },
      };
    }
  }
}

/** Attention group by group, so that every product is one of plain matrices and its scores stay in the cache. */
export function attentionKernels(
  memory: HostMemory,
  { product }: Products,
): Kernels<'attention' | 'attentionBackward'> {
  const segmentsOf = (given: readonly tf.Tensor[], batch: number): Segments | undefined => {
    if (given.length === 0) return undefined;
    const [ofQueries, ofKeys] = given.map((x) => {
      const [, length]: number[] = x.shape;
      return memory.numbers(x).subarray(batch * length, (batch + 1) * length);
    });
    return { ofQueries, ofKeys };
  };

  /** Turns a group's scores [R · T, S] into probabilities; `lse`, from `at` on, is written or, if `known`, used. */
  const toProbabilities = (
    op: AttentionOptions,
    { queries, keys, repeats }: Sizes,
    scores: Numbers,
    segments: Segments | undefined,
    lse: { readonly numbers: Numbers; readonly at: number; readonly known: boolean },
  ): void => {
    for (let row = 0; row < repeats * queries; row++) {
      const i = row % queries;
      const at = row * keys;
      const [from, to] = visibleRange(op, i, queries, keys);
      scaleScores(scores, at, [from, to], op.scale, segments, i);
      const sums = lse.numbers;
      if (!lse.known) sums[lse.at + row] = logSumExp(scores, at + from, to - from);
      softmaxInPlace(scores, at + from, to - from, sums[lse.at + row]);
      scores.fill(0, at, at + from);
      scores.fill(0, at + to, at + keys);
    }
  };

  const zeros = ({ shape }: ValueSpec): tf.Tensor => tf.fill([...shape], 0);

  return {
    attention(op, inputs, outputs) {
      const { sizes, q, k, v, others } = operandsOf(op, inputs);
      const out = { tensor: memory.make(outputs[0].shape, 'float32'), first: 0 };
      const sums = memory.make(outputs[1].shape, 'float32');
      if (sizes.keys === 0) {
        memory.numbers(sums).fill(Number.NEGATIVE_INFINITY);
        return [zeros(outputs[0]), sums];
      }
      let at = 0;
      for (const { query, key } of partsOf(sizes)) {
        const queries = readHeads(memory, q, query);
        const keys = readHeadsTransposed(memory, k, key);
        const values = readHeads(memory, v, key);
        const scores = product(queries, keys);
        const lse = { numbers: memory.numbers(sums), at, known: false };
        const segments = segmentsOf(others, query.batch);
        toProbabilities(op, sizes, memory.numbers(scores), segments, lse);
        const mixed = product(scores, values);
        writeHeads(memory, out, query, mixed);
        tf.dispose([queries, keys, values, scores, mixed]);
        at += sizes.repeats * sizes.queries;
      }
      return [out.tensor, sums];
    },

    attentionBackward(op, inputs, outputs) {
      const { sizes, q, k, v, others } = operandsOf(op, inputs);
      const [out, dout] = [others[0], others[2]].map((tensor) => ({ tensor, first: 0 }));
      const results = outputs.map(({ shape }) => memory.make(shape, 'float32'));
      const [dq, dk, dv] = [q, k, v].map(({ first }, i) => ({
        tensor: results[i] ?? results[0],
        first,
      }));
      let at = 0;
      for (const { query, key } of partsOf(sizes)) {
        tf.tidy(() => {
          const queries = readHeads(memory, q, query);
          const keys = readHeads(memory, k, key);
          const p = product(queries, tf.transpose(keys));
          const lse = { numbers: memory.numbers(others[1]), at, known: true };
          const segments = segmentsOf(others.slice(3), query.batch);
          toProbabilities(op, sizes, memory.numbers(p), segments, lse);
          const douts = readHeads(memory, dout, query);
          const ds = product(douts, readHeadsTransposed(memory, v, key));
          const outs = readHeads(memory, out, query);
          const [a, b, c, d] = [ds, p, douts, outs].map((x) => memory.numbers(x));
          toScoreGradients(sizes.repeats * sizes.queries, a, b, c, d);
          writeHeads(memory, dq, query, product(ds, keys), op.scale);
          writeHeads(memory, dk, key, product(tf.transpose(ds), queries), op.scale);
          writeHeads(memory, dv, key, product(tf.transpose(p), douts));
        });
        at += sizes.repeats * sizes.queries;
      }
      return results;
    },
  };
}

/** dp [rows, S] becomes p (dp - dout · out), row by row. dout and out: [rows, D]. */
function toScoreGradients(
  rows: number,
  dp: Numbers,
  p: Numbers,
  dout: Numbers,
  out: Numbers,
): void {
  const keys = dp.length / rows;
  const width = dout.length / rows;
  for (let row = 0; row < rows; row++) {
    let delta = 0;
    for (let d = row * width; d < (row + 1) * width; d++) delta += dout[d] * out[d];
    for (let j = row * keys; j < (row + 1) * keys; j++) dp[j] = p[j] * (dp[j] - delta);
  }
}
