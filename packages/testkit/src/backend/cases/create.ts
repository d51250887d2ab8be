import type { Shape } from '@heddle/core';
import { type Case, type CaseGroup, EXACT, type Float, make, spec } from './case.js';

const exact = { tolerance: EXACT };

const SHAPES: readonly Shape[] = [[7], [3, 5], [1031], [131, 257]];
const EDGES: readonly Shape[] = [[], [1], [0], [2, 0]];

function fill(): CaseGroup[] {
  const kind = 'fill';
  const one = (dtype: Float | 'i32', shape: Shape, value: number): Case =>
    make({ kind, value }, [], [spec(shape, dtype)], exact);
  return [
    { kind, aspect: 'values', cases: (f) => SHAPES.map((shape) => one(f, shape, -2.5)) },
    { kind, aspect: 'edge shapes', cases: (f) => EDGES.map((shape) => one(f, shape, 3)) },
    {
      kind,
      aspect: 'i32',
      cases: () => [...SHAPES, ...EDGES].map((shape) => one('i32', shape, -100)),
    },
    {
      kind,
      aspect: 'NaN and infinities',
      cases: (f) => [Number.NaN, Infinity, -Infinity, 0].map((value) => one(f, [5], value)),
    },
  ];
}

function iota(): CaseGroup[] {
  const kind = 'iota';
  const one = (n: number): Case => make({ kind }, [], [spec([n], 'i32')], exact);
  return [
    { kind, aspect: 'values', cases: () => [7, 33, 1031, 70001].map(one) },
    { kind, aspect: 'edge shapes', cases: () => [0, 1].map(one) },
  ];
}

function randomUniform(): CaseGroup[] {
  const kind = 'randomUniform';
  const one = (key: readonly [number, number], shape: Shape): Case =>
    make({ kind, key }, [], [spec(shape)], exact);
  return [
    {
      kind,
      aspect: 'values',
      cases: () => [
        one([0, 0], [4]),
        one([1, 2], [5]),
        one([0xffffffff, 0xffffffff], [33]),
        one([0x80000000, 0x7fffffff], [1031]),
        one([123456789, 3000000000], [131, 257]),
        one([42, 0], [2, 3, 5]),
      ],
    },
    {
      kind,
      aspect: 'edge shapes',
      cases: () => [[], [1], [2], [3], [0], [2, 0]].map((shape) => one([7, 9], shape)),
    },
  ];
}

export function createCases(): CaseGroup[] {
  return [...fill(), ...iota(), ...randomUniform()];
}
