import {
  type Backend,
  type DType,
  fold,
  type OpKind,
  type Params,
  randomNormal,
  rngKey,
  type Shape,
  sizeOf,
  type Tensor,
} from '@heddle/core';
import { add, cast, mul, scoped, sum, tensor, valueAndGrad } from '@heddle/tensor';

/**
 * A function of `@heddle/tensor` that shows operations at work: where a backend does not claim them, the function
 * composes them out of others, and its derivative too.
 */
export interface Witness {
  /** Operations that the function is made of where the backend has them. */
  readonly forward: readonly OpKind[];
  /** Fused operations that its derivative is made of. */
  readonly backward?: readonly OpKind[];
  /** Shapes of the floating operands, call by call. */
  readonly values: readonly (readonly Shape[])[];
  readonly edges?: readonly (readonly Shape[])[];
  /** Whether the operands are positive numbers. */
  readonly positive?: boolean;
  /** Whether there is a derivative; default true. */
  readonly differentiable?: boolean;
  compute(x: readonly Tensor[], backend: Backend): Tensor | readonly Tensor[];
}

/** What a witness gave on a backend. */
export interface Testimony {
  readonly outputs: readonly Float32Array[];
  readonly grads: readonly Float32Array[];
  /** Kinds that ran, forward and with the derivative. */
  readonly forwardKinds: ReadonlySet<OpKind>;
  readonly backwardKinds: ReadonlySet<OpKind>;
}

/** Calls a witness once on a backend, with operands of `dtype`; a witness without derivative gives no grads. */
export async function testify(
  backend: Backend,
  witness: Witness,
  shapes: readonly Shape[],
  dtype: DType,
): Promise<Testimony> {
  const forwardKinds = new Set<OpKind>();
  const backwardKinds = new Set<OpKind>();
  const outputs = await scopedReads(() => {
    const b = watched(backend, forwardKinds);
    const made = all(witness.compute(operands(b, witness, shapes, dtype), b));
    return made.map((y) => (y.dtype === 'bf16' ? cast(y, 'f32') : y));
  });
  const grads =
    witness.differentiable === false
      ? []
      : await scopedReads(() => {
          const b = watched(backend, backwardKinds);
          const given = operands(b, witness, shapes, dtype);
          const params = Object.fromEntries(given.map((x, i) => [`x${i}`, x]));
          const loss = (p: Params): Tensor =>
            all(
              witness.compute(
                shapes.map((_, i) => p[`x${i}`]),
                b,
              ),
            )
              .map((y, i) => sum(mul(cast(y, 'f32'), floats(b, `c${i}`, y.shape))))
              .reduce((a, c) => add(a, c));
          const { grads: found } = valueAndGrad(loss)(params);
          return shapes.map((_, i) => cast(found[`x${i}`], 'f32'));
        });
  return { outputs, grads, forwardKinds, backwardKinds };
}

const all = (made: Tensor | readonly Tensor[]): readonly Tensor[] =>
  Array.isArray(made) ? made : [made as Tensor];

async function scopedReads(make: () => readonly Tensor[]): Promise<Float32Array[]> {
  const made = scoped(make);
  try {
    return (await Promise.all(made.map((x) => x.read()))).map((x) => Float32Array.from(x));
  } finally {
    for (const x of made) x.dispose();
  }
}

/** Standard normal numbers, the same on every backend. */
export function floats(backend: Backend, name: string, shape: Shape): Tensor {
  return tensor(backend, randomNormal(fold(rngKey(31), name), sizeOf(shape)), shape);
}

function operands(
  backend: Backend,
  { positive = false }: Witness,
  shapes: readonly Shape[],
  dtype: DType,
): Tensor[] {
  return shapes.map((shape, i) => {
    const numbers = randomNormal(fold(rngKey(32), i), sizeOf(shape));
    const x = tensor(backend, positive ? numbers.map((v) => Math.abs(v) + 0.25) : numbers, shape);
    return dtype === 'bf16' ? cast(x, 'bf16') : x;
  });
}

/** The backend, noting the kinds that run. */
function watched(backend: Backend, kinds: Set<OpKind>): Backend {
  return {
    contract: backend.contract,
    name: backend.name,
    dtypes: backend.dtypes,
    ...(backend.limits && { limits: backend.limits }),
    alloc: (size, dtype) => backend.alloc(size, dtype),
    write: (buffer, data) => backend.write(buffer, data),
    read: (buffer) => backend.read(buffer),
    free: (buffer) => backend.free(buffer),
    supports: (op, dtype) => backend.supports(op, dtype),
    run(op, inputs, outputs) {
      kinds.add(op.kind);
      backend.run(op, inputs, outputs);
    },
    sync: () => backend.sync(),
    memory: () => backend.memory(),
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  };
}
