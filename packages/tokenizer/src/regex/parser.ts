import { ANY_POINT, type CodeSet, complement, rangeSet } from '../unicode/code-set.js';
import { foldCase } from './case-folding.js';
import { isOne, parseClass } from './class-parser.js';
import { readEscape } from './escapes.js';
import { PatternReader } from './pattern-reader.js';
import { parseQuantifiers } from './quantifiers.js';
import type { Anchor, Dialect, Node } from './syntax.js';

const DEEPEST = 100;
/** Longer patterns are refused. */
const LONGEST = 1 << 16;

interface Flags {
  readonly ignoreCase: boolean;
  /** The dot is a line break, too. */
  readonly dotAll: boolean;
  /** `^` and `$` are the ends of lines. */
  readonly lines: boolean;
  /** White space and comments do not count. */
  readonly extended: boolean;
}

/** Reads a pattern; `place` is where it stands, for errors. */
export function parsePattern(pattern: string, place: string, dialect: Dialect): Node {
  const reader = new PatternReader(pattern, place, dialect);
  if (pattern.length > LONGEST) throw reader.unsupported(`more than ${LONGEST} characters`);
  const flags = {
    ignoreCase: false,
    dotAll: false,
    lines: dialect === 'oniguruma',
    extended: false,
  };
  const node = parseChoice(reader, flags, 0);
  if (!reader.done) throw reader.wrong('closes a group that is not open');
  return node;
}

/** `a|b|c`, up to the end of the group. */
function parseChoice(reader: PatternReader, flags: Flags, depth: number): Node {
  if (depth > DEEPEST) throw reader.unsupported('nesting this deep');
  const options = [parseSequence(reader, flags, depth)];
  while (reader.takeIf('|')) options.push(parseSequence(reader, flags, depth));
  return options.length === 1 ? options[0] : { kind: 'choice', options };
}

function parseSequence(reader: PatternReader, flags: Flags, depth: number): Node {
  const items: Node[] = [];
  while (!reader.done && reader.next !== '|' && reader.next !== ')') {
    if (flags.extended && reader.match(/\s+|#[^\n]*/uy)) continue;
    if (reader.match(/\(\?#[^)]*\)/uy)) continue;
    const options = reader.match(/\(\?([a-z]*)(?:-([a-z]*))?\)/uy);
    if (options) {
      const changed = withOptions(reader, flags, options[1], options[2]);
      if (reader.dialect === 'rust') flags = changed;
      // In Ruby's syntax the options hold for all that is left of the group, its other options too.
      else items.push(parseChoice(reader, changed, depth + 1));
      continue;
    }
    items.push(parseQuantifiers(reader, parseAtom(reader, flags, depth)));
  }
  return items.length === 1 ? items[0] : { kind: 'sequence', items };
}

function parseAtom(reader: PatternReader, flags: Flags, depth: number): Node {
  const literal = (set: CodeSet): Node => ({
    kind: 'set',
    set: flags.ignoreCase ? foldCase(set) : set,
  });
  reader.countAtom();
  const char = reader.take();
  switch (char) {
    case '(':
      return parseGroup(reader, flags, depth);
    case '[':
      return { kind: 'set', set: parseClass(reader, flags.ignoreCase) };
    case '.':
      return { kind: 'set', set: flags.dotAll ? ANY_POINT : complement(rangeSet(0x0a, 0x0a)) };
    case '^':
      return { kind: 'anchor', at: lineStart(reader.dialect, flags) };
    case '$':
      return { kind: 'anchor', at: flags.lines ? 'line end' : 'text end' };
    case '\\': {
      const anchor = ANCHORS.get(reader.next);
      if (!anchor) {
        const set = readEscape(reader, false);
        // Oniguruma takes classes as they stand: (?i)\p{Lu} is no small letter.
        if (reader.dialect === 'oniguruma' && !isOne(set)) return { kind: 'set', set };
        return literal(set);
      }
      reader.take();
      return { kind: 'anchor', at: anchor };
    }
    case '*':
    case '+':
    case '?':
      throw reader.wrong(`has nothing before ${char} that it could repeat`);
  }
  const point = char.codePointAt(0) as number;
  return literal(rangeSet(point, point));
}

function lineStart(dialect: Dialect, { lines }: Flags): Anchor {
  if (!lines) return 'text start';
  return dialect === 'rust' ? 'after line break' : 'line start';
}

const ANCHORS: ReadonlyMap<string, Anchor> = new Map([
  ['A', 'text start'],
  ['z', 'text end'],
  ['Z', 'last line end'],
  ['b', 'word edge'],
  ['B', 'no word edge'],
]);

/** A group, whose `(` is taken. */
function parseGroup(reader: PatternReader, flags: Flags, depth: number): Node {
  const inside = (inner: Flags = flags): Node => {
    const node = parseChoice(reader, inner, depth + 1);
    if (!reader.takeIf(')')) throw reader.wrong('does not close a group');
    return node;
  };
  const look = (ahead: boolean, negated: boolean): Node => ({
    kind: 'look',
    node: inside(),
    ahead,
    negated,
  });
  if (!reader.takeIf('?')) return inside();
  if (reader.takeIf(':')) return inside();
  if (reader.takeIf('>')) return { kind: 'atomic', node: inside() };
  if (reader.takeIf('=')) return look(true, false);
  if (reader.takeIf('!')) return look(true, true);
  if (reader.takeIf('<=')) return look(false, false);
  if (reader.takeIf('<!')) return look(false, true);
  if (reader.match(reader.dialect === 'rust' ? /P?<\p{L}\w*>/uy : /<\p{L}\w*>/uy)) return inside();
  const options = reader.match(/([a-z]*)(?:-([a-z]*))?:/uy);
  if (options) return inside(withOptions(reader, flags, options[1], options[2]));
  throw reader.unsupported(`the group (?${reader.next}`);
}

function withOptions(reader: PatternReader, flags: Flags, on: string, off = ''): Flags {
  const changed = { ...flags };
  for (const [letters, value] of [
    [on, true],
    [off, false],
  ] as const) {
    for (const letter of letters) {
      if (letter === 'i') changed.ignoreCase = value;
      else if (letter === 'x') changed.extended = value;
      else if (letter === 'm' && reader.dialect === 'oniguruma') changed.dotAll = value;
      else if (letter === 'm') changed.lines = value;
      else if (letter === 's' && reader.dialect === 'rust') changed.dotAll = value;
      else throw reader.unsupported(`the option ${letter}`);
    }
  }
  return changed;
}
