import { IdList } from '../id-list.js';
import type { Model, PieceEnd, SplitPattern } from '../parts.js';
import type { EncodeStretch } from '../text-encoder.js';
import { PieceScanner } from './piece-scanner.js';
import { LONGEST_BYTES } from './scanner-wasm.js';

/** UTF-16 units that a tokenizer has encoded before it takes the time and the memory for a scanner. */
const FEW_UNITS = 1 << 16;
/** Shorter stretches of text are not worth the calls. */
const SHORT_UNITS = 16;

/**
 * Encodes stretches of text with a scanner in WebAssembly, which cuts them and remembers the tokens of pieces; the
 * model encodes the pieces that the scanner does not know. The ids are the same. Where WebAssembly does not run, and
 * until there was enough text to be worth it, pieces are cut in JavaScript.
 *
 * @returns undefined for pieces that the scanner does not cut, and a model that remembers pieces itself in any case
 */
export function scanInWasm(pieceEnd: PieceEnd, model: Model): EncodeStretch | undefined {
  const { pattern } = pieceEnd;
  const { encodePiece, encodeUncached } = model;
  if (pattern === undefined || encodeUncached === undefined) return undefined;
  const encoder = new ScanningEncoder({ pieceEnd, pattern, encodePiece, encodeUncached });
  return (text, start, end, out) => encoder.encode(text, start, end, out);
}

interface Parts extends Pick<Required<Model>, 'encodePiece' | 'encodeUncached'> {
  readonly pieceEnd: PieceEnd;
  readonly pattern: SplitPattern;
}

class ScanningEncoder {
  readonly #parts: Parts;
  readonly #fresh = new IdList(LONGEST_BYTES);
  #unitsSeen = 0;
  /** null where there can be none. */
  #scanner: PieceScanner | null | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  encode(text: string, start: number, end: number, out: IdList): void {
    const scanner = this.#scanner === undefined ? this.#scannerFor(end - start) : this.#scanner;
    if (!scanner || end - start < SHORT_UNITS) {
      this.#encodePieces(text, start, end, end, out);
      return;
    }
    for (let at = start; at < end; ) at = this.#encodeChunk(scanner, text, at, end, out);
  }

  #scannerFor(units: number): PieceScanner | null | undefined {
    this.#unitsSeen += units;
    if (this.#unitsSeen > FEW_UNITS) {
      this.#scanner = PieceScanner.start(this.#parts.pattern) ?? null;
    }
    return this.#scanner;
  }

  /** Encodes as much of `text[at, end)` as a chunk holds, and returns where the rest begins. */
  #encodeChunk(scanner: PieceScanner, text: string, at: number, end: number, out: IdList): number {
    scanner.load(text, at, end);
    const pieces = scanner.scan(at + scanner.units < end);
    // A piece that is longer than a chunk.
    if (pieces === 0) return this.#encodePieces(text, at, at + 1, end, out);
    const fresh = this.#fresh;
    let bytes = 0; // of the chunk, up to `at`
    for (let piece = scanner.lookUp(0); piece < pieces; piece = scanner.lookUp(piece)) {
      const first = piece === 0 ? 0 : scanner.endOf(piece - 1);
      const start = at + scanner.unitsOf(bytes, first);
      bytes = scanner.endOf(piece);
      at = start + scanner.unitsOf(first, bytes);
      fresh.length = 0;
      this.#parts.encodeUncached(text, start, at, fresh);
      if (bytes - first <= LONGEST_BYTES && fresh.length <= bytes - first) {
        scanner.learn(piece, fresh);
      } else {
        append(out, scanner.take());
        append(out, fresh.data.subarray(0, fresh.length));
        piece++;
      }
    }
    append(out, scanner.take());
    return at + scanner.unitsOf(bytes, scanner.endOf(pieces - 1));
  }

  /** Cuts in JavaScript the pieces that begin in `text[at, limit)`; returns where the last of them ends. */
  #encodePieces(text: string, at: number, limit: number, end: number, out: IdList): number {
    while (at < limit) {
      const next = this.#parts.pieceEnd(text, at, end);
      this.#parts.encodePiece(text, at, next, out);
      at = next;
    }
    return at;
  }
}

function append(out: IdList, ids: Int32Array): void {
  out.reserve(ids.length);
  out.data.set(ids, out.length);
  out.length += ids.length;
}
