import { unsupported } from '../json-reader.js';
import { type CodeSet, rangeSet } from '../unicode/code-set.js';
import { wordSet } from './escapes.js';
import { disjoint, type First, firstOf, join, NOTHING_MORE } from './first-set.js';
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

/** Patterns that need more instructions are refused: `{100}` writes what it repeats a hundred times. */
const MOST_INSTRUCTIONS = 1000;
const MOST_STEPS: number = 10 * MOST_INSTRUCTIONS;

/** Compiles a pattern; `place` is where it stands, for errors. */
export function compile(pattern: string, place: string, dialect: Dialect): Program {
  const node = parsePattern(pattern, place, dialect);
  const writer = new ProgramWriter();
  const compiler = new Compiler(writer, dialect, () =>
    unsupported(place, pattern, `regular expressions of up to ${MOST_INSTRUCTIONS} instructions`),
  );
  compiler.forward(node, NOTHING_MORE);
  writer.add(ACCEPT);
  const first = firstOf(node, NOTHING_MORE);
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
  readonly #tooLong: () => Error;
  #steps = 0;

  constructor(writer: ProgramWriter, dialect: Dialect, tooLong: () => Error) {
    this.#writer = writer;
    this.#dialect = dialect;
    this.#tooLong = tooLong;
  }

  /** Repetitions of nothing write no instructions, and still take time. */
  #step(): void {
    this.#steps++;
    if (this.#writer.length > MOST_INSTRUCTIONS || this.#steps > MOST_STEPS) throw this.#tooLong();
  }

  /** Writes `node`; `after` is what can come after it. */
  forward(node: Node, after: First): void {
    const writer = this.#writer;
    this.#step();
    switch (node.kind) {
      case 'set':
        writer.add(SET, writer.set(node.set));
        return;
      case 'sequence': {
        const afters = [after];
        for (let i = node.items.length - 1; i > 0; i--) {
          afters.unshift(firstOf(node.items[i], afters[0]));
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

  #choice(options: readonly Node[], after: First): void {
    const writer = this.#writer;
    const firsts = options.map((option) => firstOf(option, after));
    const rests = [firsts[firsts.length - 1]];
    for (let i = options.length - 2; i > 0; i--) rests.unshift(join(firsts[i], rests[0]));
    const jumps: number[] = [];
    for (let i = 0; i < options.length - 1; i++) {
      const split = this.#branch(firsts[i], rests[i], CHOOSE);
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
    const first = firstOf(body, after);
    const again = max === Infinity ? join(first, after) : after;
    const inner = max === min ? after : join(first, after);
    if (body.kind === 'set' && min > 0) writer.add(RUN, writer.set(body.set), min, min);
    else for (let i = 0; i < min; i++) this.forward(body, i < min - 1 ? first : inner);
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
    this.#step();
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
        for (let i = 0; i < node.min; i++) this.#backward(node.node);
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
