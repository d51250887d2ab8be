import {
  type Backend,
  fold,
  HeddleError,
  type Params,
  type RngKey,
  type Shape,
  sameShape,
  type Tensor,
} from '@heddle/core';
import { full, normal, updateSlice, zeros } from '@heddle/tensor';

/** How a parameter begins. */
export type Initial =
  | 'zeros'
  | 'ones'
  /** Normal with mean 0; `zeroRow`: this row of a table begins (and without input, stays) at zero. */
  | { readonly std: number; readonly zeroRow?: number };

export interface ParameterSpec {
  readonly shape: Shape;
  readonly initial: Initial;
}

/** Every parameter of a model by its name in Hugging Face checkpoints. */
export type ParameterSpecs = ReadonlyMap<string, ParameterSpec>;

/** Fresh parameters; the key of each is `fold(key, name)`, so none depends on the others. */
export function initialise(specs: ParameterSpecs, key: RngKey, backend: Backend): Params {
  const params: Record<string, Tensor> = {};
  for (const [name, { shape, initial }] of specs) {
    if (initial === 'zeros') params[name] = zeros(backend, shape);
    else if (initial === 'ones') params[name] = full(backend, shape, 1);
    else {
      const table = normal(backend, fold(key, name), shape, { std: initial.std });
      if (initial.zeroRow !== undefined) {
        const row = zeros(backend, [1, ...shape.slice(1)]);
        updateSlice(table, row, [initial.zeroRow, ...shape.slice(1).map(() => 0)]);
        row.dispose();
      }
      params[name] = table;
    }
  }
  return params;
}

/** The parameter `name`; a model that is given others than its own says so. */
export function parameter(params: Params, name: string): Tensor {
  const found = params[name];
  if (found === undefined) throw wrongParameters(undefined, { missing: [name] });
  return found;
}

/** Names and shapes of tensors, compared with those of an architecture. */
export function compareParameters(
  specs: ParameterSpecs,
  given: ReadonlyMap<string, { readonly shape: Shape; readonly dtype: string }>,
  dtypes: ReadonlySet<string>,
): Problems {
  const mismatched: string[] = [];
  for (const [name, { shape, dtype }] of given) {
    const spec = specs.get(name);
    if (spec === undefined) continue;
    if (!sameShape(spec.shape, shape))
      mismatched.push(`${name} [${shape.join(', ')}] instead of [${spec.shape.join(', ')}]`);
    else if (!dtypes.has(dtype)) mismatched.push(`${name} of dtype ${dtype}`);
  }
  return {
    missing: [...specs.keys()].filter((name) => !given.has(name)),
    unexpected: [...given.keys()].filter((name) => !specs.has(name)),
    mismatched,
  };
}

interface Problems {
  readonly missing?: readonly string[];
  readonly unexpected?: readonly string[];
  readonly mismatched?: readonly string[];
}

/** Throws `transformer/parameters` if there are problems. `path`: the checkpoint's folder. */
export function requireMatch(problems: Problems, path?: string): void {
  const { missing = [], unexpected = [], mismatched = [] } = problems;
  if (missing.length + unexpected.length + mismatched.length > 0)
    throw wrongParameters(path, problems);
}

function wrongParameters(
  path: string | undefined,
  { missing = [], unexpected = [], mismatched = [] }: Problems,
): HeddleError<'transformer/parameters'> {
  const list = (what: string, names: readonly string[]): string =>
    names.length === 0
      ? ''
      : ` ${what}: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ` and ${names.length - 8} more` : ''}.`;
  return new HeddleError(
    'transformer/parameters',
    `${path === undefined ? 'The parameters' : `The weights in ${path}`} do not fit the configuration.` +
      list('Missing', missing) +
      list('Unexpected', unexpected) +
      list('Mismatched', mismatched) +
      ' Use the weights and the configuration of the same model.',
    { path, missing, unexpected, mismatched },
  );
}
