import type { Backend, DType, OpKind, Shape, Waiver } from '@heddle/core';
import { PRIMITIVES } from '@heddle/core';
import { cpu } from '@heddle/cpu';
import {
  judgeBackends,
  type MakeBackend,
  type OperationVerdict,
  type Verdict,
} from '@heddle/testkit';
import { type Testimony, testify, type Witness } from './witness.js';
import { WITNESSES } from './witnesses.js';

/**
 * `pass`: the backend's own operation is right; `composed`: it has none, and what tensor makes of others is right;
 * `waived`: known not to hold, and why; `fail`: wrong.
 */
export type Cell =
  | { readonly status: 'pass' | 'composed' }
  | { readonly status: 'waived' | 'fail'; readonly reason: string };

export interface ConformanceRow {
  readonly op: OpKind;
  readonly dtype: DType;
  /** All cases but edge shapes: values, NaN, broadcasting, aliasing. */
  readonly forward: Cell;
  /** The derivative, by tensor's autodiff; absent where there is none. */
  readonly gradient?: Cell;
  /** Scalars, ones, empty tensors; absent where there are no such cases. */
  readonly edges?: Cell;
}

export interface ConformanceReport {
  readonly backend: string;
  readonly rows: readonly ConformanceRow[];
  /** What the backend says is known not to hold, of all tests of its suite. */
  readonly waivers: readonly Waiver[];
}

/** A backend to be judged, under the name that the report gives it. */
export interface Candidate {
  readonly name: string;
  readonly make: MakeBackend;
}

/** Judges every operation of backends, in each of their dtypes: forward, gradient, edge shapes. */
export async function conformanceReports(
  candidates: readonly Candidate[],
  onOperation?: (op: OpKind, done: number, count: number) => void,
): Promise<ConformanceReport[]> {
  const verdicts = await judgeBackends(
    candidates.map(({ make }) => make),
    onOperation,
  );
  await using reference = cpu({ kernels: 'reference' });
  const reports: ConformanceReport[] = [];
  for (const [i, { name, make }] of candidates.entries()) {
    await using backend = await make();
    const hear = hearings(backend, reference);
    const rows: ConformanceRow[] = [];
    for (const verdict of verdicts[i]) rows.push(await rowOf(verdict, hear));
    reports.push({ backend: name, rows, waivers: backend.waivers ?? [] });
  }
  return reports;
}

/** Each witness is heard once, also where several operations ask for it. */
function hearings(backend: Backend, reference: Backend): Hear {
  const heard = new Map<string, Promise<Hearing>>();
  return (witness, edges, dtype) => {
    const key = `${WITNESSES.indexOf(witness)} ${edges} ${dtype}`;
    const found = heard.get(key) ?? hearing(backend, reference, witness, edges, dtype);
    heard.set(key, found);
    return found;
  };
}

/** What came of comparing a witness on two backends. */
interface Hearing {
  /** Why the function is wrong; nothing if it is right. */
  readonly forward: string | undefined;
  readonly gradient: string | undefined;
  /** The kinds that ran for the derivative. */
  readonly backwardKinds: ReadonlySet<OpKind>;
}

type Hear = (witness: Witness, edges: boolean, dtype: DType) => Promise<Hearing>;

async function rowOf(
  { kind, dtype, values, edges }: OperationVerdict,
  hear: Hear,
): Promise<ConformanceRow> {
  const own = WITNESSES.find(({ forward }) => forward.includes(kind));
  const ofGradient = WITNESSES.find(({ backward }) => backward?.includes(kind));
  const composed = async (edge: boolean): Promise<Cell> => {
    const witness = own ?? ofGradient;
    if (witness === undefined || dtype === 'i32') return { status: 'fail', reason: 'not claimed' };
    const found = await hear(witness, edge, dtype);
    const wrong = own ? found.forward : found.gradient;
    return wrong === undefined ? { status: 'composed' } : { status: 'fail', reason: wrong };
  };
  const cell = (verdict: Verdict, edge: boolean): Cell | Promise<Cell> =>
    verdict.status === 'unclaimed' ? composed(edge) : (verdict as Cell);
  const gradient =
    own && dtype !== 'i32' && own.differentiable !== false
      ? gradientCell(kind, own, await hear(own, false, dtype))
      : undefined;
  return {
    op: kind,
    dtype,
    forward: await cell(values, false),
    ...(gradient && { gradient }),
    ...(edges && { edges: await cell(edges, true) }),
  };
}

function gradientCell(kind: OpKind, witness: Witness, { gradient, backwardKinds }: Hearing): Cell {
  if (gradient !== undefined) return { status: 'fail', reason: gradient };
  const primitive = (PRIMITIVES as readonly OpKind[]).includes(kind);
  const needed = witness.backward ?? witness.forward;
  const own = primitive || needed.every((one) => backwardKinds.has(one));
  return { status: own ? 'pass' : 'composed' };
}

async function hearing(
  backend: Backend,
  reference: Backend,
  witness: Witness,
  edges: boolean,
  dtype: DType,
): Promise<Hearing> {
  const kinds = new Set<OpKind>();
  try {
    for (const shapes of edges ? (witness.edges ?? witness.values) : witness.values) {
      const [found, wanted] = [
        await testify(backend, witness, shapes, dtype),
        await testify(reference, witness, shapes, dtype),
      ];
      for (const kind of found.backwardKinds) kinds.add(kind);
      const [forward, gradient] = [
        differs('outputs', found, wanted, shapes, dtype),
        differs('grads', found, wanted, shapes, dtype),
      ];
      if (forward ?? gradient) return { forward, gradient, backwardKinds: kinds };
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { forward: reason, gradient: reason, backwardKinds: kinds };
  }
  return { forward: undefined, gradient: undefined, backwardKinds: kinds };
}

/** How the first number that is off differs, relative to the largest of its tensor. */
function differs(
  what: 'outputs' | 'grads',
  found: Testimony,
  wanted: Testimony,
  shapes: readonly Shape[],
  dtype: DType,
): string | undefined {
  const relative = dtype === 'bf16' ? 3e-2 : 1e-4;
  for (const [n, expected] of wanted[what].entries()) {
    const largest = expected.reduce((a, x) => Math.max(a, Math.abs(x)), 0);
    const got = found[what][n];
    const at = expected.findIndex((x, i) => !(Math.abs(x - got[i]) <= relative * largest));
    if (at >= 0)
      return `${what === 'grads' ? 'the gradient' : 'the result'} ${n} of ${shapes.map((s) => `[${s}]`).join(' ')} has ${got[at]} at ${at}, not ${expected[at]}`;
  }
  return undefined;
}
