import type { PatternReader } from './pattern-reader.js';
import type { Node } from './syntax.js';

/** More repetitions are refused. */
const MOST_REPETITIONS = 1000;
/** Repetitions of repetitions are read so deep. */
const DEEPEST = 20;

/** Reads the quantifiers after `node`: `*`, `+?`, `{1,3}`; several repeat the repetition. */
export function parseQuantifiers(reader: PatternReader, node: Node): Node {
  for (let depth = 0; ; depth++) {
    const found = reader.match(
      reader.dialect === 'rust'
        ? /[*+?]|\{(\d+)(,?)(\d*)\}/uy
        : /[*+?]|\{(?:(\d+)(,?)(\d*)|()(,)(\d+))\}/uy,
    );
    if (!found) return node;
    if (depth > DEEPEST) throw reader.unsupported('nesting this deep');
    if (node.kind === 'look' || node.kind === 'anchor') {
      throw reader.wrong('repeats what has no length');
    }
    const sign = found[0].length === 1;
    const [min, max] = sign ? SIGNS.get(found[0])! : bounds(reader, found);
    const lazy = (sign || min !== max || reader.dialect === 'rust') && reader.takeIf('?');
    const possessive = !lazy && (sign || reader.dialect === 'rust') && reader.takeIf('+');
    node = { kind: 'repeat', node, min, max, lazy };
    if (possessive) node = { kind: 'atomic', node };
  }
}

const SIGNS: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['*', [0, Infinity]],
  ['+', [1, Infinity]],
  ['?', [0, 1]],
]);

function bounds(reader: PatternReader, found: RegExpExecArray): [number, number] {
  const [least, comma, most] = found[5] ? ['0', ',', found[6]] : found.slice(1, 4);
  const min = Number(least);
  const max = comma === '' ? min : most === '' ? Infinity : Number(most);
  if (min > MOST_REPETITIONS || (max !== Infinity && max > MOST_REPETITIONS)) {
    throw reader.unsupported(`repeating more than ${MOST_REPETITIONS} times`);
  }
  if (max < min) throw reader.unsupported(found[0]);
  return [min, max];
}
