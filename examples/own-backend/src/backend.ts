import {
  type Backend,
  type DType,
  hostArray,
  type Op,
  PRIMITIVES,
  type PrimitiveOp,
  randomUniform,
  type Shape,
  sizeOf,
  type TypedArray,
  valueBackend,
} from '@heddle/core';

/*
 * A whole backend: the primitives over typed arrays, each result a new array. `valueBackend` adds storage, order,
 * lifetimes and errors. Nothing is fused, and nothing is fast: `@heddle/tensor` composes attention, norms,
 * losses and optimizers out of what is here.
 */
export function toyBackend(): Backend {
  return valueBackend<TypedArray>({
    name: 'toy',
    dtypes: ['f32', 'i32'],
    upload: (data) => data,
    download: (value) => value.slice(),
    dispose: () => {}, // arrays are left to the garbage collector
    supports: (op, dtype) => dtype !== 'bf16' && isPrimitive(op),
    run(op, inputs, outputs) {
      const [{ shape, dtype }] = outputs; // a primitive has one
      const data = hostArray(dtype, sizeOf(shape));
      const operands = inputs.map((x) => ({ data: x.value, shape: x.shape, dtype: x.dtype }));
      runPrimitive(op as PrimitiveOp, operands, { data, shape, dtype });
      return [data];
    },
  });
}

function isPrimitive(op: Op): op is PrimitiveOp {
  return (PRIMITIVES as readonly string[]).includes(op.kind);
}

interface Operand {
  readonly data: TypedArray;
  readonly shape: Shape;
  readonly dtype: DType;
}

const UNARY: Record<string, (x: number) => number> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: Math.sign,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  erf,
  floor: Math.floor,
};

const BINARY: Record<string, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: power,
  maximum: Math.max,
  minimum: Math.min,
  equal: (a, b) => +(a === b),
  less: (a, b) => +(a < b),
};

/** C's pow, which differs from JavaScript's where the base is 1 or -1. */
function power(a: number, b: number): number {
  return a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b;
}

function runPrimitive(op: PrimitiveOp, inputs: readonly Operand[], out: Operand): void {
  const [a, b, c] = inputs;
  const size = out.data.length;
  if (op.kind in UNARY) {
    const f = UNARY[op.kind];
    for (let i = 0; i < size; i++) out.data[i] = f(a.data[i]);
    return;
  }
  if (op.kind in BINARY) {
    const f = BINARY[op.kind];
    const integer = a.dtype === 'i32';
    const at = [broadcaster(a.shape, out.shape), broadcaster(b.shape, out.shape)];
    const result = integer && op.kind === 'mul' ? Math.imul : f;
    for (let i = 0; i < size; i++) out.data[i] = result(a.data[at[0](i)], b.data[at[1](i)]);
    return;
  }
  switch (op.kind) {
    case 'select': {
      const at = inputs.map((input) => broadcaster(input.shape, out.shape));
      for (let i = 0; i < size; i++)
        out.data[i] = a.data[at[0](i)] !== 0 ? b.data[at[1](i)] : c.data[at[2](i)];
      return;
    }
    case 'cast':
      for (let i = 0; i < size; i++) out.data[i] = a.data[i];
      return;
    case 'broadcast': {
      const at = broadcaster(a.shape, out.shape);
      for (let i = 0; i < size; i++) out.data[i] = a.data[at(i)];
      return;
    }
    case 'matmul':
      matmul(op, a, b, out);
      return;
    case 'reduceSum':
    case 'reduceMax': {
      const sums = new Float64Array(size).fill(
        op.kind === 'reduceSum' ? 0 : Number.NEGATIVE_INFINITY,
      );
      const at = broadcaster(out.shape, a.shape);
      for (let i = 0; i < a.data.length; i++) {
        const j = at(i);
        sums[j] = op.kind === 'reduceSum' ? sums[j] + a.data[i] : Math.max(sums[j], a.data[i]);
      }
      out.data.set(sums);
      return;
    }
    case 'argMax': {
      const width = a.shape[a.shape.length - 1];
      for (let row = 0; row < size; row++) {
        let best = 0;
        for (let j = 1; j < width; j++)
          if (a.data[row * width + j] > a.data[row * width + best]) best = j;
        out.data[row] = best;
      }
      return;
    }
    case 'permute': {
      const strides = stridesOf(a.shape);
      const moved = op.axes.map((axis) => strides[axis]);
      walk(out.shape, moved, 0, (i, j) => (out.data[i] = a.data[j]));
      return;
    }
    case 'slice': {
      const strides = stridesOf(a.shape);
      walk(out.shape, strides, dot(op.start, strides), (i, j) => (out.data[i] = a.data[j]));
      return;
    }
    case 'pad':
      out.data.fill(op.value);
      place(a, out, op.before);
      return;
    case 'updateSlice':
      out.data.set(a.data);
      place(b, out, op.start);
      return;
    case 'concat': {
      let start = 0;
      for (const input of inputs) {
        place(
          input,
          out,
          out.shape.map((_, axis) => (axis === op.axis ? start : 0)),
        );
        start += input.shape[op.axis];
      }
      return;
    }
    case 'gather': {
      const width = sizeOf(a.shape.slice(1));
      for (let i = 0; i < b.data.length; i++) {
        out.data.set(a.data.subarray(b.data[i] * width, (b.data[i] + 1) * width), i * width);
      }
      return;
    }
    case 'scatterAdd': {
      out.data.set(a.data);
      const width = sizeOf(a.shape.slice(1));
      for (let i = 0; i < b.data.length; i++) {
        for (let j = 0; j < width; j++) out.data[b.data[i] * width + j] += c.data[i * width + j];
      }
      return;
    }
    case 'fill':
      out.data.fill(op.value);
      return;
    case 'iota':
      for (let i = 0; i < size; i++) out.data[i] = i;
      return;
    case 'randomUniform':
      out.data.set(randomUniform(op.key, size));
      return;
  }
}

function matmul(
  op: { transposeA: boolean; transposeB: boolean },
  a: Operand,
  b: Operand,
  out: Operand,
): void {
  const rank = out.shape.length;
  const [rows, columns] = out.shape.slice(-2);
  const inner = a.shape[op.transposeA ? rank - 2 : rank - 1];
  const batches = rank === 3 ? out.shape[0] : 1;
  for (let batch = 0; batch < batches; batch++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          const left = op.transposeA ? k * rows + i : i * inner + k;
          const right = op.transposeB ? j * inner + k : k * columns + j;
          sum += a.data[batch * rows * inner + left] * b.data[batch * inner * columns + right];
        }
        out.data[(batch * rows + i) * columns + j] = sum;
      }
    }
  }
}

/** Writes `patch` into the block of `out` that begins at `start`. */
function place(patch: Operand, out: Operand, start: readonly number[]): void {
  const strides = stridesOf(out.shape);
  walk(patch.shape, strides, dot(start, strides), (i, j) => (out.data[j] = patch.data[i]));
}

function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  for (let axis = shape.length - 1, step = 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis];
  }
  return strides;
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * b[i], 0);

/** Calls `visit` with the index of each element of `shape`, and with its place among `strides` from `offset`. */
function walk(
  shape: Shape,
  strides: readonly number[],
  offset: number,
  visit: (i: number, j: number) => void,
): void {
  const size = sizeOf(shape);
  for (let i = 0; i < size; i++) {
    let rest = i;
    let j = offset;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      j += (rest % shape[axis]) * strides[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    visit(i, j);
  }
}

/** From an index into `to` to the index of the element of `from` that is broadcast there. */
function broadcaster(from: Shape, to: Shape): (index: number) => number {
  if (sizeOf(from) === sizeOf(to)) return (index) => index;
  const skipped = to.length - from.length;
  const strides = stridesOf(from).map((stride, axis) => (from[axis] === 1 ? 0 : stride));
  return (index) => {
    let rest = index;
    let at = 0;
    for (let axis = to.length - 1; axis >= skipped; axis--) {
      at += (rest % to[axis]) * strides[axis - skipped];
      rest = Math.floor(rest / to[axis]);
    }
    return at;
  };
}

/** The error function by its series and, far out, its continued fraction (Abramowitz & Stegun 7.1.5, 7.1.14). */
function erf(x: number): number {
  if (!(Math.abs(x) < 6)) return Number.isNaN(x) ? x : Math.sign(x);
  if (Math.abs(x) < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (Math.abs(x) + fraction);
  return Math.sign(x) * (1 - Math.exp(-x * x) / Math.sqrt(Math.PI) / (Math.abs(x) + fraction));
}
