import {
  type CodeSet,
  complement,
  intersection,
  NO_POINT,
  rangeSet,
  union,
} from '../unicode/code-set.js';
import { foldCase } from './case-folding.js';
import { readEscape, wordSet } from './escapes.js';
import type { PatternReader } from './pattern-reader.js';
import { propertySet, spaceSet } from './properties.js';
import type { Dialect } from './syntax.js';

const DEEPEST = 100;

/** Reads a class, whose `[` is taken: members, ranges, classes inside of it, `&&`. */
export function parseClass(reader: PatternReader, ignoreCase: boolean, depth = 0): CodeSet {
  if (depth > DEEPEST) throw reader.unsupported('nesting this deep');
  const negated = reader.takeIf('^');
  const sides: CodeSet[] = [];
  let members: CodeSet[] = [];
  if (reader.takeIf(']')) members.push(rangeSet(0x5d, 0x5d));
  while (!reader.takeIf(']')) {
    if (reader.takeIf('&&')) {
      sides.push(union(...members));
      members = [];
    } else if (reader.takeIf('[')) {
      members.push(posixClass(reader) ?? parseClass(reader, ignoreCase, depth + 1));
    } else members.push(readMember(reader));
  }
  sides.push(union(...members));
  const set = intersection(...(ignoreCase ? sides.map(foldCase) : sides));
  return negated ? complement(set) : set;
}

/** A character, an escape, or a range of characters. */
function readMember(reader: PatternReader): CodeSet {
  const from = readAtom(reader);
  if (reader.match(/-(?!\])/uy) === null) return from;
  if (!isOne(from)) throw reader.wrong('has a range that does not begin with a character');
  const to = reader.next === '[' ? NO_POINT : readAtom(reader);
  if (!isOne(to)) throw reader.wrong('has a range that does not end with a character');
  if (to[0] < from[0]) throw reader.wrong('has a range whose end comes before its beginning');
  return rangeSet(from[0], to[0]);
}

function readAtom(reader: PatternReader): CodeSet {
  const char = reader.take();
  if (char === '\\') {
    if (reader.takeIf('b')) return rangeSet(0x08, 0x08);
    return readEscape(reader, true);
  }
  const point = char.codePointAt(0) as number;
  return rangeSet(point, point);
}

export const isOne = (set: CodeSet): boolean => set.length === 2 && set[1] === set[0] + 1;

/** `[:digit:]` and the like, whose `[` is taken; undefined if something else comes. */
function posixClass(reader: PatternReader): CodeSet | undefined {
  const found = reader.match(/:(\^?)([a-z]+):\]/uy);
  if (!found) return undefined;
  const set = POSIX.get(found[2])?.(reader.dialect);
  if (!set) throw reader.unsupported(`[:${found[2]}:]`);
  return found[1] ? complement(set) : set;
}

const POSIX = new Map<string, (dialect: Dialect) => CodeSet>([
  ['digit', (): CodeSet => propertySet('Nd') as CodeSet],
  ['space', spaceSet],
  ['word', (dialect): CodeSet => wordSet(dialect, true)],
  ['cntrl', (): CodeSet => propertySet('Cc') as CodeSet],
  ['punct', (): CodeSet => union(propertySet('P') as CodeSet, propertySet('S') as CodeSet)],
  ['xdigit', (): CodeSet => [0x30, 0x3a, 0x41, 0x47, 0x61, 0x67]],
]);
