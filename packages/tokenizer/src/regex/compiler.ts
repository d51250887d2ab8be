import { unsupported } from '../json-reader.js';
import { type CodeSet, rangeSet } from '../unicode/code-set.js';
import { wordSet } from './escapes.js';
import { factored } from './factored.js';
import { disjoint, type First, FirstSets, join, NOTHING_MORE } from './first-set.js';
import { parsePattern } from './parser.js';
import {
  ACCEPT,
  AGAIN,
  ANCHOR,
  ANCHORS,
  ATOMIC,
  CHOOSE,
  CHOOSE_AGAIN,
  IS,
  IS_NOT,
  JUMP,
  LOOK,
  PEEK,
  type Program,
  RUN,
  SET,
  SET_BACK,
  SPLIT,
} from './program.js';
import { ProgramWriter } from './program-writer.js';
import type { Dialect, Node } from './syntax.js';

/** Patterns that need more are refused: `{100}` writes what it repeats a hundred times. */
const MOST_INSTRUCTIONS = 8192;
/** Ways to go back to, which time and memory of a search grow with. */
const MOST_SPLITS = 400;

/** Compiles a pattern; `place` is where it stands, for errors. */
export function compile(pattern: string, place: string, dialect: Dialect): Program {
  const node = parsePattern(pattern, place, dialect);
  const writer = new ProgramWriter();
  const firsts = new FirstSets();
  const compiler = new Compiler(writer, dialect, firsts, () =>
    unsupported(
      place,
      pattern,
      `regular expressions of up to ${MOST_INSTRUCTIONS} instructions and ${MOST_SPLITS} alternatives`,
    ),
  );
  compiler.forward(node, NOTHING_MORE);
  writer.add(ACCEPT);
  const first = firsts.of(node, NOTHING_MORE);
  return writer.finish({
    first: first.empty ? -1 : writer.set(first.set),
    looksBack: compiler.looksBack,
    empty: first.empty && canBeEmpty(node),
  });
}

function canBeEmpty(node: Node): boolean {
  switch (node.kind) {
    case 'set':
      return false;
    case 'sequence':
      return node.items.every(canBeEmpty);
    case 'choice':
      return node.options.some(canBeEmpty);
    case 'repeat':
      return node.min === 0 || canBeEmpty(node.node);
    case 'atomic':
      return canBeEmpty(node.node);
    case 'look':
    case 'anchor':
      return true;
  }
}

class Compiler {
  looksBack = false;
  readonly #writer: ProgramWriter;
  readonly #dialect: Dialect;
  readonly #firsts: FirstSets;
  readonly #tooLong: () => Error;

  constructor(writer: ProgramWriter, dialect: Dialect, firsts: FirstSets, tooLong: () => Error) {
    this.#writer = writer;
    this.#dialect = dialect;
    this.#firsts = firsts;
    this.#tooLong = tooLong;
  }

  /** Writes `node`; `after` is what can come after it. */
  forward(node: Node, after: First): void {
    const writer = this.#writer;
    this.#checkLength();
    switch (node.kind) {
      case 'set':
        writer.add(SET, writer.set(node.set));
        return;
      case 'sequence': {
        const afters = [after];
        for (let i = node.items.length - 1; i > 0; i--) {
          afters.unshift(this.#firsts.of(node.items[i], afters[0]));
        }
        for (const [i, item] of node.items.entries()) this.forward(item, afters[i]);
        return;
      }
      case 'choice':
        this.#choice(node.options, after);
        return;
      case 'repeat':
        this.#repeat(node, after);
        return;
      case 'look':
        this.#look(node);
        return;
      case 'atomic':
        this.#atomic(node.node);
        return;
      case 'anchor':
        this.#anchor(ANCHORS.indexOf(node.at));
    }
  }

  #checkLength(): void {
    const { length, splits } = this.#writer;
    if (length > MOST_INSTRUCTIONS || splits > MOST_SPLITS) throw this.#tooLong();
  }

  #choice(given: readonly Node[], after: First): void {
    const writer = this.#writer;
    const options = factored(given, (set) => writer.set(set));
    const firsts = options.map((option) => this.#firsts.of(option, after));
    /** Of all options after each. */
    const rests: First[] = [];
    for (let i = options.length - 1; i > 0; i--) {
      rests[i - 1] = i === options.length - 1 ? firsts[i] : join(firsts[i], rests[i]);
    }
    const jumps: number[] = [];
    for (const [i, rest] of rests.entries()) {
      const split = this.#branch(firsts[i], rest, CHOOSE);
      writer.patch(split, 1);
      this.forward(options[i], after);
      jumps.push(writer.add(JUMP));
      writer.patch(split, 2);
    }
    this.forward(options[options.length - 1], after);
    for (const jump of jumps) writer.patch(jump, 1);
  }

  /** One way or the other; where the next character tells which, the other need not be remembered. */
  #branch(one: First, other: First, choose: number): number {
    const guard = one.empty ? -1 : this.#writer.set(one.set);
    const certain = !one.empty && !other.empty && disjoint(one.set, other.set);
    return this.#writer.add(certain ? choose : SPLIT, 0, 0, guard);
  }

  #repeat(node: Node & { kind: 'repeat' }, after: First): void {
    const { node: body, min, max, lazy } = node;
    const writer = this.#writer;
    if (body.kind === 'set' && (min === max || (!lazy && disjoint(body.set, after.set)))) {
      writer.add(RUN, writer.set(body.set), min, max === Infinity ? 0x7fffffff : max);
      return;
    }
    const first = this.#firsts.of(body, after);
    const again = max === Infinity ? join(first, after) : after;
    const inner = max === min ? after : join(first, after);
    if (body.kind === 'set' && min > 0) writer.add(RUN, writer.set(body.set), min, min);
    else {
      this.#times(min, (i) => this.forward(body, i < min - 1 ? first : inner));
    }
    const branch = (): number => {
      if (lazy) return writer.add(SPLIT, 0, 0, -1);
      return this.#branch(first, after, max === Infinity ? CHOOSE_AGAIN : CHOOSE);
    };
    const [enter, leave] = lazy ? ([2, 1] as const) : ([1, 2] as const);
    if (max === Infinity) {
      const split = branch();
      writer.patch(split, enter);
      this.forward(body, again);
      writer.add(canBeEmpty(body) ? AGAIN : JUMP, split, leave);
      writer.patch(split, leave);
      return;
    }
    const splits: number[] = [];
    for (let i = min; i < max; i++) {
      const split = branch();
      writer.patch(split, enter);
      splits.push(split);
      this.forward(body, inner);
    }
    for (const split of splits) writer.patch(split, leave);
  }

  /** Writes something several times; not again if it is nothing. */
  #times(count: number, write: (i: number) => void): void {
    const { length } = this.#writer;
    for (let i = 0; i < count; i++) {
      write(i);
      if (this.#writer.length === length) return;
    }
  }

  #look(node: Node & { kind: 'look' }): void {
    const writer = this.#writer;
    const is = node.negated ? IS_NOT : IS;
    if (node.ahead && node.node.kind === 'set') {
      writer.add(PEEK, writer.set(node.node.set), is);
      return;
    }
    this.looksBack ||= !node.ahead;
    const at = writer.add(LOOK, 0, is);
    writer.patch(at, 1);
    writer.inPart(() => {
      if (node.ahead) this.forward(node.node, NOTHING_MORE);
      else this.#backward(node.node);
      writer.add(ACCEPT);
    });
    writer.patch(at, 3);
  }

  #atomic(node: Node): void {
    const writer = this.#writer;
    if (node.kind === 'repeat' && node.node.kind === 'set' && !node.lazy) {
      const { min, max } = node;
      writer.add(RUN, writer.set(node.node.set), min, max === Infinity ? 0x7fffffff : max);
      return;
    }
    const at = writer.add(ATOMIC);
    writer.patch(at, 1);
    writer.inPart(() => {
      this.forward(node, NOTHING_MORE);
      writer.add(ACCEPT);
    });
    writer.patch(at, 3);
  }

  #anchor(kind: number): void {
    const at = ANCHORS[kind];
    if (at !== 'text end' && at !== 'line end' && at !== 'last line end') this.looksBack = true;
    const words: CodeSet = at.endsWith('word edge')
      ? wordSet(this.#dialect, false)
      : rangeSet(0x0a, 0x0a);
    this.#writer.add(ANCHOR, kind, this.#writer.set(words));
  }

  /** Writes `node` to be matched from its end to its beginning. */
  #backward(node: Node): void {
    const writer = this.#writer;
    this.#checkLength();
    const split = (): number => writer.add(SPLIT, 0, 0, -1);
    switch (node.kind) {
      case 'set':
        writer.add(SET_BACK, writer.set(node.set));
        return;
      case 'sequence':
        for (const item of [...node.items].reverse()) this.#backward(item);
        return;
      case 'choice': {
        const jumps: number[] = [];
        for (const option of node.options) {
          const at = split();
          writer.patch(at, 1);
          this.#backward(option);
          jumps.push(writer.add(JUMP));
          writer.patch(at, 2);
        }
        // After the last option comes a set of nothing, which fails.
        writer.add(SET_BACK, writer.set([]));
        for (const jump of jumps) writer.patch(jump, 1);
        return;
      }
      case 'repeat': {
        this.#times(node.min, () => this.#backward(node.node));
        const splits: number[] = [];
        const count = node.max === Infinity ? 1 : node.max - node.min;
        for (let i = 0; i < count; i++) {
          const at = split();
          splits.push(at);
          writer.patch(at, 1);
          this.#backward(node.node);
          if (node.max === Infinity) writer.add(canBeEmpty(node.node) ? AGAIN : JUMP, at, 2);
        }
        for (const at of splits) writer.patch(at, 2);
        return;
      }
      case 'look':
        this.#look(node);
        return;
      case 'atomic':
        this.#backward(node.node);
        return;
      case 'anchor':
        this.#anchor(ANCHORS.indexOf(node.at));
    }
  }
}
