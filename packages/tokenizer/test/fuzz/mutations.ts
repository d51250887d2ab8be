import type { Json } from '@heddle/core';
import fc from 'fast-check';

/** A change of one place of a JSON tree. */
export interface Mutation {
  /** The way to the place: each number chooses a child, by its remainder. */
  readonly way: readonly number[];
  readonly kind: (typeof KINDS)[number];
  readonly value: Json;
  readonly key: string;
}

const KINDS = ['remove', 'rename', 'copy', 'replace', 'move', 'nest', 'twist', 'repeat'] as const;

const ODD_STRINGS = [
  ...[
    '',
    ' ',
    'a',
    '▁',
    '😀',
    '\ud800',
    'a\udc00',
    '\0',
    'x'.repeat(3000),
    '<0x41>',
    '[UNK]',
    'Ġ',
    'é',
  ],
  ...[
    '__proto__',
    'hasOwnProperty',
    'constructor',
    'toString',
    'length',
    'Sequence',
    'BPE',
    'first',
  ],
];
const ODD_NUMBERS = [
  ...[0, -0, -1, 1, 2, 3, 0.5, 255, 256, 65536, 2 ** 21, 2 ** 31, 2 ** 32, 2 ** 53, 1e21, 1e308],
  ...[-1e308, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN],
];
/** Of regular expressions, a few that are hard for others; the rest is made of pieces. */
const PATTERN_PIECES = [
  ...[
    '(a+)+$',
    '(a*)*',
    '(?:a|a)*b',
    'x***',
    'a{1000}',
    '{1000}',
    '{0}',
    '{,3}',
    '{2,}',
    '(?=',
    '(?<=',
    '(?!',
    '(?<!',
  ],
  ...[
    '(?>',
    '(?i)',
    '(?i:',
    '(?m)',
    '(?x)',
    '(',
    ')',
    '[',
    ']',
    '[^',
    '&&',
    '|',
    '*',
    '+',
    '?',
    '??',
    '*+',
    '.',
    '^',
    '$',
  ],
  ...[
    '\\b',
    '\\B',
    '\\A',
    '\\z',
    '\\s',
    '\\w',
    '\\p{L}',
    '\\P{N}',
    '\\p{Han}',
    '\\x{41}',
    '\\u0041',
    '\\1',
    '\\k<a>',
  ],
  ...['a', 'b', 'é', '中', '😀', '\ud800', '[:digit:]', '-', '\\', '(?<n>', '(?#c)', ' ', ' ?'],
];

export const patternTexts: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...PATTERN_PIECES), { maxLength: 8 })
  .map((pieces) => pieces.join(''));

const oddStrings = fc.oneof(
  fc.constantFrom(...ODD_STRINGS),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const oddValues: fc.Arbitrary<Json> = fc.oneof(
  { weight: 4, arbitrary: oddStrings },
  { weight: 4, arbitrary: fc.constantFrom<Json>(...ODD_NUMBERS) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Json>(null, true, false, [], {}, [[]], [null], ['a', 0]),
  },
  {
    weight: 3,
    arbitrary: fc.oneof(
      patternTexts.map((Regex) => ({ Regex })),
      oddStrings.map((text) => ({ String: text })),
    ),
  },
);

/** Changes of a tree; the values may be odd ones, or parts of `donors`. */
export function mutations(donors: readonly Json[], maxLength: number): fc.Arbitrary<Mutation[]> {
  const mutation = fc.record({
    way: fc.array(fc.nat(999), { minLength: 1, maxLength: 6 }),
    kind: fc.constantFrom(...KINDS),
    value: fc.oneof({ weight: 2, arbitrary: oddValues }, fc.constantFrom(...donors)),
    key: oddStrings,
  });
  return fc.array(mutation, { maxLength });
}

type Tree = Record<string, Json>;

/** A copy of a tree with the changes made one after the other. */
export function mutated(tree: Json, changes: readonly Mutation[]): Json {
  const box: Tree = { tree: structuredClone(tree) };
  for (const change of changes) mutate(box, change);
  return box.tree;
}

function mutate(box: Tree, { way, kind, value, key }: Mutation): void {
  let parent = box;
  let name = 'tree';
  for (const step of way) {
    const child = parent[name];
    if (typeof child !== 'object' || child === null) break;
    const names = Object.keys(child);
    if (names.length === 0) break;
    parent = child as Tree;
    name = names[step % names.length];
  }
  const old = parent[name];
  const put = (at: string, what: Json): void => {
    if (Array.isArray(parent)) parent[Number(name)] = what;
    // An assignment would set the prototype.
    else
      Object.defineProperty(parent, at, {
        value: what,
        enumerable: true,
        configurable: true,
        writable: true,
      });
  };
  switch (kind) {
    case 'remove':
    case 'rename':
      if (Array.isArray(parent)) parent.splice(Number(name), 1);
      else delete parent[name];
      if (kind === 'rename' && !Array.isArray(parent)) put(key, old);
      break;
    case 'copy':
      if (Array.isArray(parent)) parent.push(structuredClone(old));
      else put(key, structuredClone(old));
      break;
    case 'replace':
      put(name, structuredClone(value));
      break;
    case 'move': {
      const names = Object.keys(parent);
      const other = names[(way[0] + 1) % names.length];
      put(name, parent[other]);
      break;
    }
    case 'nest':
      put(name, nested(old, way[0]));
      break;
    case 'twist':
      put(name, twisted(old, way[0]));
      break;
    case 'repeat':
      if (Array.isArray(old))
        put(name, Array.from({ length: 3 }, () => structuredClone(old)).flat());
      break;
  }
}

/** In sequences, or only in arrays. */
function nested(value: Json, step: number): Json {
  const keys = ['normalizers', 'pretokenizers', 'processors', 'decoders'];
  let outer = value;
  for (let i = 0; i < 1 + (step % 25); i++) {
    outer = step % 5 === 4 ? [outer] : { type: 'Sequence', [keys[step % 5]]: [outer] };
  }
  return outer;
}

function twisted(value: Json, step: number): Json {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') {
    return [
      value + value,
      value.slice(1),
      `${value} `,
      value.toUpperCase(),
      [...value].reverse().join(''),
    ][step % 5];
  }
  if (typeof value === 'number')
    return [-value, value + 1, value - 1, value / 2, value * 1e9][step % 5];
  return Array.isArray(value) ? [...value].reverse() : value;
}
