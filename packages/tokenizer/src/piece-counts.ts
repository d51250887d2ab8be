import { writeUtf8 } from './byte-alphabet.js';
import type { PieceEnd } from './parts.js';
import { PieceTable } from './piece-table.js';

/** The different pieces of a corpus and how often each came. Memory grows with the different ones only. */
export class PieceCounts {
  readonly #pieceEnd: PieceEnd;
  readonly #table = new PieceTable(1 << 14);
  #counts = new Float64Array(1 << 14);

  constructor(pieceEnd: PieceEnd) {
    this.#pieceEnd = pieceEnd;
  }

  /** Number of different pieces. */
  get size(): number {
    return this.#table.size;
  }

  add(text: string): void {
    for (let at = 0; at < text.length; ) {
      const end = this.#pieceEnd(text, at, text.length);
      const piece = this.#table.intern(text, at, end);
      if (piece === this.#counts.length) {
        const grown = new Float64Array(piece * 2);
        grown.set(this.#counts);
        this.#counts = grown;
      }
      this.#counts[piece]++;
      at = end;
    }
  }

  /** All pieces as UTF-8, one after the other, with their counts. */
  toBytes(): CountedPieces {
    const bytes = new Uint8Array(this.#table.units * 3);
    const ends = new Int32Array(this.size);
    let at = 0;
    for (let piece = 0; piece < this.size; piece++) {
      const text = this.#table.textOf(piece);
      at += writeUtf8(text, 0, text.length, bytes.subarray(at));
      ends[piece] = at;
    }
    return { bytes: bytes.subarray(0, at), ends, counts: this.#counts.slice(0, this.size) };
  }
}

export interface CountedPieces {
  readonly bytes: Uint8Array;
  /** Where each piece ends in `bytes`. */
  readonly ends: Int32Array;
  readonly counts: Float64Array;
}
