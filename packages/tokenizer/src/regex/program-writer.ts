import type { CodeSet } from '../unicode/code-set.js';
import { CodeClasses } from './code-classes.js';
import { CHOOSE_AGAIN, type Program, SPLIT } from './program.js';

/** Collects instructions. */
export class ProgramWriter {
  readonly #code: number[] = [];
  readonly #sets: CodeSet[] = [];
  readonly #setIndex = new Map<string, number>();
  #part = 0;
  readonly #partOfSplit = new Map<number, number>();

  get length(): number {
    return this.#code.length / 4;
  }

  get splits(): number {
    return this.#partOfSplit.size;
  }

  add(op: number, a = 0, b = 0, c = 0): number {
    const at = this.length;
    this.#code.push(op, a, b, c);
    if (op === SPLIT || op === CHOOSE_AGAIN) this.#partOfSplit.set(at, this.#part);
    return at;
  }

  /** Sets operand a (1), b (2) or c (3) of an instruction, to what comes next if left out. */
  patch(at: number, operand: 1 | 2 | 3, value: number = this.length): void {
    this.#code[at * 4 + operand] = value;
  }

  /** The number of a set; equal sets have the same. */
  set(set: CodeSet): number {
    const key = set.join();
    let index = this.#setIndex.get(key);
    if (index === undefined) {
      index = this.#sets.length;
      this.#sets.push(set);
      this.#setIndex.set(key, index);
    }
    return index;
  }

  /** Writes what a look around or an atomic group holds. */
  inPart(write: () => void): void {
    this.#part++;
    write();
    this.#part--;
  }

  finish(traits: Pick<Program, 'first' | 'looksBack' | 'empty'>): Program {
    const operand = (offset: number): Int32Array =>
      Int32Array.from({ length: this.length }, (_, at) => this.#code[at * 4 + offset]);
    const splits = new Int32Array(this.length).fill(-1);
    let count = 0;
    for (const [at, part] of this.#partOfSplit) if (part === 0) splits[at] = count++;
    const mainSplits = count;
    for (const [at, part] of this.#partOfSplit) if (part > 0) splits[at] = count++;
    return {
      ops: Uint8Array.from(operand(0)),
      a: operand(1),
      b: operand(2),
      c: operand(3),
      splits,
      mainSplits,
      partSplits: count - mainSplits,
      classes: new CodeClasses(this.#sets),
      ...traits,
    };
  }
}
