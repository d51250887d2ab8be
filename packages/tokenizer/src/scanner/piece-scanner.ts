import type { IdList } from '../id-list.js';
import type { SplitPattern } from '../parts.js';
import { codePointClasses } from '../unicode-classes.js';
import { CHUNK_BYTES, LONGEST_BYTES } from './scanner-wasm.js';
import { type ScannerExports, scannerInstance } from './web-assembly.js';

/** Code points from here on are of the class OTHER. */
const FIRST_OTHER = 0x40000;

/** Cuts a text chunk by chunk, in UTF-8, and remembers the tokens of pieces: a typed hand on the module of native/. */
export class PieceScanner {
  /** UTF-16 units and bytes of the chunk. */
  units = 0;
  bytes = 0;
  readonly #module: ScannerExports;
  readonly #utf8 = new TextEncoder();
  /** Of the module's memory; they are made again when it has grown. */
  #buffer!: ArrayBuffer;
  #text!: Uint8Array;
  #ends!: Int32Array;
  #tokens!: Int32Array;
  #learnt!: Int32Array;

  /** Undefined where WebAssembly does not run. */
  static start(pattern: SplitPattern): PieceScanner | undefined {
    const module = scannerInstance();
    return module && new PieceScanner(module, pattern);
  }

  private constructor(module: ScannerExports, pattern: SplitPattern) {
    this.#module = module;
    const { memory, classes } = module;
    new Uint8Array(memory.buffer, classes.value, FIRST_OTHER / 4).set(packedClasses());
    if (pattern.name === 'gpt2') module.start(0, 1);
    else module.start(1, pattern.maxDigits);
    this.#view();
  }

  /** Takes as much of `text[at, end)` as a chunk holds. */
  load(text: string, at: number, end: number): void {
    // Half of a pair at the end of the slice does not fit in: it takes three bytes, all units before it one or more.
    const slice = text.slice(at, Math.min(end, at + CHUNK_BYTES));
    const { read, written } = this.#utf8.encodeInto(slice, this.#text);
    this.units = read;
    this.bytes = written;
  }

  /**
   * Cuts the chunk and returns the number of pieces. Where the text goes on after it (`more`), the end of the chunk is
   * in no piece, and none of it if one piece fills it.
   */
  scan(more: boolean): number {
    return this.#module.scan(this.bytes, more ? 1 : 0);
  }

  /** Where a piece ends, in bytes. */
  endOf(piece: number): number {
    return this.#ends[piece];
  }

  /** The UTF-16 units of bytes of the chunk. */
  unitsOf(from: number, to: number): number {
    return this.#module.units(from, to);
  }

  /** Appends the tokens of pieces, from `piece` on, to those that `take` takes; returns the first that is not known. */
  lookUp(piece: number): number {
    return this.#module.look_up(piece);
  }

  /** Remembers the tokens of a piece that is not known: no more than it has bytes, and these no more than LONGEST_BYTES. */
  learn(piece: number, { data, length }: IdList): void {
    for (let i = 0; i < length; i++) this.#learnt[i] = data[i];
    this.#module.learn(piece, length);
    if (this.#module.memory.buffer !== this.#buffer) this.#view();
  }

  /** The tokens that were looked up since the last call, until the next call of anything. */
  take(): Int32Array {
    return this.#tokens.subarray(0, this.#module.take());
  }

  #view(): void {
    const { memory, text, ends, tokens, learnt } = this.#module;
    this.#buffer = memory.buffer;
    this.#text = new Uint8Array(this.#buffer, text.value, CHUNK_BYTES);
    this.#ends = new Int32Array(this.#buffer, ends.value, CHUNK_BYTES);
    this.#tokens = new Int32Array(this.#buffer, tokens.value, CHUNK_BYTES);
    this.#learnt = new Int32Array(this.#buffer, learnt.value, LONGEST_BYTES);
  }
}

/** The classes of code points, two bits each. */
function packedClasses(): Uint8Array {
  const classes = codePointClasses();
  const packed = new Uint8Array(FIRST_OTHER / 4);
  for (let point = 0; point < FIRST_OTHER; point++) {
    packed[point >> 2] |= classes[point] << ((point & 3) * 2);
  }
  return packed;
}
