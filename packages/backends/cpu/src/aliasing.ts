import { HeddleError, type Op, type OpKind, type View } from '@heddle/core';

/** Kinds that work element by element: an output may be any input of its size. */
const ELEMENTWISE: ReadonlySet<OpKind> = new Set<OpKind>([
  ...(['neg', 'abs', 'sign', 'exp', 'log', 'sqrt', 'rsqrt', 'sin', 'cos', 'tanh'] as const),
  ...(['erf', 'floor', 'add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'pow'] as const),
]);
/** Kinds whose output may be their first input. */
const ON_THE_FIRST: ReadonlySet<OpKind> = new Set<OpKind>([
  'updateSlice',
  'scatterAdd',
  'crossEntropyBackward',
]);

/** Whether the contract lets output `o` be input `i`. */
function mayShare(op: Op, i: number, o: number, inputs: readonly View[]): boolean {
  if (ELEMENTWISE.has(op.kind)) return true;
  if (ON_THE_FIRST.has(op.kind)) return i === 0;
  if (op.kind === 'adamw') return i === 1 + 4 * Math.floor(o / 3) + [0, 2, 3][o % 3];
  if (!('accumulate' in op) || !op.accumulate) return false;
  return op.kind === 'linearBackwardWeight' ? i === 2 + o : o === 0 && i === inputs.length - 1;
}

/**
 * Throws `invalid-argument` where an output is the memory of another operand and the contract does not
 * allow it: kernels would read what they have just written. Buffers do not overlap in part.
 */
export function checkAliasing(op: Op, inputs: readonly View[], outputs: readonly View[]): void {
  for (let o = 0; o < outputs.length; o++) {
    const { buffer } = outputs[o];
    for (let i = 0; i < inputs.length; i++)
      if (inputs[i].buffer === buffer && !mayShare(op, i, o, inputs))
        throw shared(op, o, `input ${i}`);
    for (let other = 0; other < o; other++)
      if (outputs[other].buffer === buffer) throw shared(op, o, `output ${other}`);
  }
}

function shared({ kind }: Op, output: number, other: string): HeddleError {
  return new HeddleError(
    'invalid-argument',
    `cpu: output ${output} of ${kind} is its ${other}, which it may not overwrite. Give it a buffer of its own.`,
    { argument: `output ${output}`, given: other },
  );
}
