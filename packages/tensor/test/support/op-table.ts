import type { Tensor } from '@heddle/core';
import * as h from '../../src/index.js';
import type { GoldenCase } from './golden.js';

type Inputs = Readonly<Record<string, Tensor>>;
// What the golden file gives is what the operation documents, so the options are passed on as they are.
type Options = never;
type Apply = (x: Inputs, options: Options) => Tensor | readonly Tensor[];

const unary =
  (fn: (x: Tensor) => Tensor): Apply =>
  ({ x }) =>
    fn(x);
const binary =
  (fn: (a: Tensor, b: Tensor) => Tensor): Apply =>
  ({ a, b }) =>
    fn(a, b);

/** Every operation of the golden file by name. */
const TABLE: ReadonlyMap<string, Apply> = new Map<string, Apply>([
  ['neg', unary(h.neg)],
  ['abs', unary(h.abs)],
  ['sign', unary(h.sign)],
  ['exp', unary(h.exp)],
  ['log', unary(h.log)],
  ['sqrt', unary(h.sqrt)],
  ['rsqrt', unary(h.rsqrt)],
  ['sin', unary(h.sin)],
  ['cos', unary(h.cos)],
  ['tanh', unary(h.tanh)],
  ['erf', unary(h.erf)],
  ['floor', unary(h.floor)],
  ['square', unary(h.square)],
  ['sigmoid', unary(h.sigmoid)],
  ['silu', unary(h.silu)],
  ['relu', unary(h.relu)],
  ['add', binary(h.add)],
  ['sub', binary(h.sub)],
  ['mul', binary(h.mul)],
  ['div', binary(h.div)],
  ['pow', binary(h.pow)],
  ['maximum', binary(h.maximum)],
  ['minimum', binary(h.minimum)],
  ['equal', binary(h.equal)],
  ['less', binary(h.less)],
  ['select', ({ condition, a, b }) => h.select(condition, a, b)],
  ['sum', ({ x }, options) => h.sum(x, options)],
  ['mean', ({ x }, options) => h.mean(x, options)],
  ['max', ({ x }, options) => h.max(x, options)],
  ['argMax', unary(h.argMax)],
  ['reshape', ({ x }, { shape }: { shape: number[] }) => h.reshape(x, shape)],
  ['permute', ({ x }, { axes }: { axes: number[] }) => h.permute(x, axes)],
  ['transpose', unary(h.transpose)],
  ['slice', ({ x }, o: { start: number[]; size: number[] }) => h.slice(x, o.start, o.size)],
  [
    'pad',
    ({ x }, o: { before: number[]; after: number[]; value: number }) =>
      h.pad(x, o.before, o.after, o.value),
  ],
  ['concat', (x, { axis }: { axis: number }) => h.concat(Object.values(x), axis)],
  [
    'split',
    ({ x }, o: { pieces: number | number[]; axis?: number }) => h.split(x, o.pieces, o.axis),
  ],
  ['broadcastTo', ({ x }, { shape }: { shape: number[] }) => h.broadcastTo(x, shape)],
  ['gather', ({ table, ids }) => h.gather(table, ids)],
  ['embedding', ({ table, ids }) => h.embedding(table, ids)],
  ['scatterAdd', ({ base, ids, rows }) => h.scatterAdd(base, ids, rows)],
  ['matmul', ({ a, b }, options) => h.matmul(a, b, options)],
  [
    'linear',
    ({ x, w, bias, residual }, o: { transposeWeight: boolean }) =>
      h.linear(x, w, { ...o, bias, residual }),
  ],
  [
    'feedForward',
    (
      { x, up, ub, gate, gb, down, db, residual },
      o: Pick<h.FeedForwardOptions, 'activation' | 'transposeWeight'>,
    ) =>
      h.feedForward(x, {
        ...o,
        up: { weight: up, bias: ub },
        ...(gate && { gate: { weight: gate, bias: gb } }),
        down: { weight: down, bias: db },
        residual,
      }),
  ],
  [
    'packedAttention',
    ({ qkv }, { groups, ...options }: h.AttentionArguments & { groups: number }) =>
      h.packedAttention(qkv, groups, options),
  ],
  ['gelu', ({ x }, options) => h.gelu(x, options)],
  ['swiglu', ({ gate, up }) => h.swiglu(gate, up)],
  ['softmax', unary(h.softmax)],
  ['logSoftmax', unary(h.logSoftmax)],
  ['layerNorm', ({ x, gain, bias }, options) => h.layerNorm(x, gain, bias, options)],
  ['rmsNorm', ({ x, gain }, options) => h.rmsNorm(x, gain, options)],
  ['rope', ({ x, cos, sin }) => h.rope(x, cos, sin)],
  [
    'attention',
    ({ q, k, v, querySegments, keySegments }, options: h.AttentionArguments) =>
      h.attention(q, k, v, {
        ...options,
        ...(querySegments ? { querySegments, keySegments } : {}),
      }),
  ],
  ['crossEntropy', ({ logits, targets }, options) => h.crossEntropy(logits, targets, options)],
]);

/** Runs the operation of a golden case; always as a list of outputs. */
export function applyCase(golden: GoldenCase, inputs: Inputs): readonly Tensor[] {
  const apply = TABLE.get(golden.op);
  if (!apply) throw new Error(`no operation ${golden.op}`);
  const outputs = apply(inputs, golden.options as Options);
  return Array.isArray(outputs) ? outputs : [outputs as Tensor];
}

/** The sum of output times dy: what gradients are taken of. */
export function weightedSum(outputs: readonly Tensor[], dys: readonly Tensor[]): Tensor {
  return outputs.map((y, i) => h.sum(h.mul(y, dys[i]))).reduce((total, one) => h.add(total, one));
}
