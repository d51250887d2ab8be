import type { Awaitable, Backend, DType, OpKind, Waiver } from '@heddle/core';
import { allCases } from './cases/all.js';
import type { Case, CaseGroup } from './cases/case.js';
import { forEachCase, verify } from './execute.js';
import { runnable } from './runnable.js';

/** How the cases of an operation ended; `unclaimed`: supports() denies them all. */
export type Verdict =
  | { readonly status: 'pass' | 'unclaimed' }
  | { readonly status: 'waived' | 'fail'; readonly reason: string };

/** What became of an operation's cases in one dtype; `edges` where there are such cases. */
export interface OperationVerdict {
  readonly kind: OpKind;
  readonly dtype: DType;
  /** Every aspect but edge shapes. */
  readonly values: Verdict;
  readonly edges?: Verdict;
}

/** Makes a fresh backend; called about once an operation, and disposed of after it. */
export type MakeBackend = () => Awaitable<Backend>;

/**
 * Runs the cases of every operation, as `backendSuite` does, and tells how they ended instead of failing. Several
 * backends share the work of the oracle; their verdicts come in the order of `makers`.
 */
export async function judgeBackends(
  makers: readonly MakeBackend[],
  onOperation?: (kind: OpKind, done: number, count: number) => void,
): Promise<OperationVerdict[][]> {
  const verdicts: OperationVerdict[][] = makers.map(() => []);
  const kinds = new Set(allCases().map((group) => group.kind));
  for (const [done, kind] of [...kinds].entries()) {
    onOperation?.(kind, done, kinds.size);
    const exam = examOf(kind);
    for (const [i, make] of makers.entries()) {
      await using backend = await make();
      for (const dtype of backend.dtypes) {
        const values = await judged(backend, exam(dtype, false));
        const edges = await judged(backend, exam(dtype, true));
        if (values) verdicts[i].push({ kind, dtype, values, ...(edges && { edges }) });
      }
    }
  }
  return verdicts;
}

/** Cases of one aspect. */
interface Part {
  /** The name of the suite's test that has them. */
  readonly test: string;
  readonly group: CaseGroup;
  readonly cases: readonly Case[];
}

/** The cases of one kind by dtype, i32 where no operand is floating; the same objects for every backend. */
function examOf(kind: OpKind): (dtype: DType, edges: boolean) => readonly Part[] {
  const groups = allCases().filter((group) => group.kind === kind);
  const made = new Map<DType, readonly Part[]>();
  const make = (dtype: DType): readonly Part[] =>
    groups
      .map((group) => {
        const fits = ({ inputs, outputs }: Case): boolean => {
          const dtypes = [...inputs, ...outputs].map((x) => x.dtype);
          return dtype === 'i32' ? dtypes.every((d) => d === 'i32') : dtypes.includes(dtype);
        };
        const cases = group.cases(dtype === 'bf16' ? 'bf16' : 'f32').filter(fits);
        const fixed = { ...group, cases: () => cases };
        const test = `${kind} > ${dtype === 'bf16' ? 'bf16' : group.aspect}`;
        return { test, group: fixed, cases };
      })
      .filter(({ cases }) => cases.length > 0);
  return (dtype, edges) => {
    const parts = made.get(dtype) ?? make(dtype);
    made.set(dtype, parts);
    return parts.filter(({ group }) => (group.aspect === 'edge shapes') === edges);
  };
}

/** Undefined where there are no such cases. */
async function judged(backend: Backend, parts: readonly Part[]): Promise<Verdict | undefined> {
  if (parts.length === 0) return undefined;
  const waivers = backend.waivers ?? [];
  const reasonOf = ({ test }: Part): string | undefined =>
    waivers.find((waiver: Waiver) => waiver.tests.includes(test))?.reason;
  const claimed = parts.map((part) => ({
    waived: reasonOf(part),
    cases: runnable(backend, part.group, part.test.endsWith(' > bf16') ? 'bf16' : 'f32'),
  }));
  const asked = claimed.filter(({ cases }) => cases.length > 0);
  if (asked.length === 0) return { status: 'unclaimed' };
  const cases = asked.filter(({ waived }) => waived === undefined).flatMap((part) => part.cases);
  try {
    await forEachCase(cases, (one) => verify(backend, one, 1));
  } catch (error) {
    return { status: 'fail', reason: error instanceof Error ? error.message : String(error) };
  }
  const waived = asked.find((part) => part.waived !== undefined)?.waived;
  return waived === undefined ? { status: 'pass' } : { status: 'waived', reason: waived };
}
