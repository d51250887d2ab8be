import type { Shape, UnaryKind } from '@heddle/core';
import {
  type Case,
  type CaseGroup,
  type CaseOptions,
  CLOSE,
  EXACT,
  type Float,
  given,
  make,
  spec,
  type Tolerance,
  ULPS,
  uniform,
} from './case.js';

const SHAPES: readonly Shape[] = [[7], [33], [3, 5], [1027], [129, 257]];
const EDGES: readonly Shape[] = [[], [1], [0], [1, 1, 1], [3, 0, 2]];

const DOMAINS: {
  readonly [K in UnaryKind]: { low: number; high: number; tolerance: Tolerance };
} = {
  neg: { low: -10, high: 10, tolerance: EXACT },
  abs: { low: -10, high: 10, tolerance: EXACT },
  sign: { low: -10, high: 10, tolerance: EXACT },
  exp: { low: -10, high: 10, tolerance: CLOSE },
  log: { low: 1e-3, high: 100, tolerance: CLOSE },
  sqrt: { low: 0, high: 100, tolerance: ULPS },
  rsqrt: { low: 1e-3, high: 100, tolerance: ULPS },
  sin: { low: -10, high: 10, tolerance: CLOSE },
  cos: { low: -10, high: 10, tolerance: CLOSE },
  tanh: { low: -6, high: 6, tolerance: CLOSE },
  erf: { low: -4, high: 4, tolerance: CLOSE },
  floor: { low: -100, high: 100, tolerance: EXACT },
};

const SPECIAL = [Number.NaN, Infinity, -Infinity, 0, 1, -1, 100, -100];

function unary(kind: UnaryKind): CaseGroup[] {
  const { low, high, tolerance } = DOMAINS[kind];
  const on = (shape: Shape, f: Float, options: CaseOptions = {}): Case =>
    make({ kind }, [uniform(kind, shape, f, low, high)], [spec(shape, f)], {
      tolerance,
      ...options,
    });
  return [
    { kind, aspect: 'values', cases: (f) => SHAPES.map((shape) => on(shape, f)) },
    { kind, aspect: 'edge shapes', cases: (f) => EDGES.map((shape) => on(shape, f)) },
    {
      kind,
      aspect: 'NaN and infinities',
      cases: (f) => [make({ kind }, [given([8], f, SPECIAL)], [spec([8], f)], { tolerance })],
    },
    {
      kind,
      aspect: 'in place',
      cases: (f) => [[513], [1]].map((shape) => on(shape, f, { inPlace: [0] })),
    },
  ];
}

export function unaryCases(): CaseGroup[] {
  return (Object.keys(DOMAINS) as UnaryKind[]).flatMap(unary);
}
