import {
  type BinaryKind,
  broadcastStrides,
  type CompareKind,
  sameShape,
  sizeOf,
  type UnaryKind,
} from '@heddle/core';
import type { Kernels, Operand } from '../kernel.js';
import type { NativeLibrary } from './abi.js';
import { collapse, layoutOf, MAX_RANK, type Walk } from './collapse.js';
import { elements, floats, integers, sameType, words } from './operands.js';

/** In the order of the enums of native/elementwise.h. */
const UNARY: readonly UnaryKind[] = [
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
];
const BROADCAST: readonly (BinaryKind | CompareKind | 'select')[] = [
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
];

/** As the enum of native/elementwise.h numbers dtypes. */
const CASTS: readonly unknown[] = [Float32Array, Int32Array, Uint16Array];

type Kinds = UnaryKind | BinaryKind | CompareKind | 'select' | 'cast';

/** How broadcast operands are walked. Mostly each has the output's shape or one element: then one axis does. */
function walkOf(operands: readonly Operand[], y: Operand): Walk {
  if (operands.every((o) => o.data.length === 1 || sameShape(o.shape, y.shape)))
    return { dims: [y.data.length], strides: operands.map((o) => [o.data.length === 1 ? 0 : 1]) };
  return collapse(
    y.shape,
    operands.map((o) => broadcastStrides(o.shape, y.shape)),
  );
}

/** Elementwise functions; what has no native form (powers of integers, f32 to f32) is the reference's. */
export function elementwiseKernels(library: NativeLibrary, reference: Kernels): Kernels<Kinds> {
  const unary = library.bind('unary', ['int', 'int64_t', 'void *', 'void *']);
  const broadcast = library.bind('broadcast', [
    'int',
    'int',
    'int',
    'void *',
    'void *',
    'void *',
    'void *',
    'void *',
  ]);
  const cast = library.bind('cast', ['int', 'int', 'int64_t', 'void *', 'void *']);

  const runUnary = (
    op: { readonly kind: UnaryKind },
    [x]: readonly Operand[],
    [y]: readonly Operand[],
  ): void => {
    const n = sizeOf(y.shape);
    unary(UNARY.indexOf(op.kind), n, floats(op.kind, x, n), floats(op.kind, y, n));
  };

  const runBroadcast = (
    op: { readonly kind: BinaryKind | CompareKind | 'select' },
    inputs: readonly Operand[],
    [y]: readonly Operand[],
  ): void => {
    const { kind } = op;
    const operands = kind === 'select' ? inputs : [inputs[0], inputs[1], inputs[1]];
    const values = kind === 'select' ? inputs.slice(1) : inputs;
    const integer = values[0].data instanceof Int32Array;
    sameType(kind, values);
    const size = sizeOf(y.shape);
    if (kind === 'select') integers(kind, inputs[0], sizeOf(inputs[0].shape));
    const out =
      kind === 'select'
        ? words(kind, y, size)
        : integer || kind === 'equal' || kind === 'less'
          ? integers(kind, y, size)
          : floats(kind, y, size);
    if (size === 0) return;
    const [a, b, c] = operands.map((o) => words(kind, o, sizeOf(o.shape)));
    const walk = walkOf(operands, y);
    broadcast(
      BROADCAST.indexOf(kind),
      integer ? 1 : 0,
      walk.dims.length,
      layoutOf(walk),
      a,
      b,
      c,
      out,
    );
  };

  const kernels: Partial<Record<Kinds, unknown>> = {
    cast(
      op: Parameters<Kernels['cast']>[0],
      inputs: readonly Operand[],
      outputs: readonly Operand[],
    ) {
      const n = sizeOf(outputs[0].shape);
      const codes = [inputs[0], outputs[0]].map(({ data }) => CASTS.indexOf(data.constructor));
      const [x, y] = [inputs[0], outputs[0]].map((operand) => elements('cast', operand, n));
      if (codes[0] === codes[1] || codes[0] * codes[1] === 2) reference.cast(op, inputs, outputs);
      else cast(codes[0], codes[1], n, x, y);
    },
  };
  for (const kind of UNARY) kernels[kind] = runUnary;
  for (const kind of BROADCAST) {
    kernels[kind] = (op: never, inputs: readonly Operand[], outputs: readonly Operand[]): void => {
      const integerPower = kind === 'pow' && inputs[0].data instanceof Int32Array;
      if (integerPower || outputs[0].shape.length > MAX_RANK) reference[kind](op, inputs, outputs);
      else runBroadcast(op, inputs, outputs);
    };
  }
  return kernels as Kernels<Kinds>;
}
