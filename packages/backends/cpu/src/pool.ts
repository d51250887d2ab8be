import { HeddleError } from '@heddle/core';
import type { Chunk, Memory } from './memory.js';

/** Blocks are multiples of it, so all of them are aligned to cache lines. */
const GRAIN = 256;
/** Chunks are multiples of a huge page. */
const HUGE_PAGE = 2 ** 21;
const LARGEST_STEP = 2 ** 29;

/** A part of a chunk, in use. */
export interface Block {
  readonly chunk: Chunk;
  /** Bytes from the chunk's begin. */
  readonly offset: number;
  /** Bytes that were asked for. */
  readonly bytes: number;
}

/** A block, in use or free, and its neighbours in the chunk; no two neighbours are free. */
interface Piece extends Block {
  bytes: number;
  size: number;
  free: boolean;
  before: Piece | undefined;
  after: Piece | undefined;
}

/** The bin of free pieces of about that size: eight to each power of two, larger pieces in higher ones. */
function binOf(size: number): number {
  const exponent = Math.floor(Math.log2(size));
  return 8 * exponent + Math.floor(size / 2 ** (exponent - 3)) - 8;
}

function roundUp(bytes: number, unit: number): number {
  return Math.max(1, Math.ceil(bytes / unit)) * unit;
}

/**
 * Blocks cut out of large chunks of memory. What is freed joins its free neighbours and is handed
 * out again, the best fit first; so a training loop in its steady state asks the system for
 * nothing, touches no fresh page, and holds little more than what is live at its peak.
 */
export class MemoryPool {
  readonly #memory: Memory;
  readonly #bins: Set<Piece>[] = [];
  readonly #first = new Map<Chunk, Piece>();
  #held = 0;
  #live = 0;
  #peak = 0;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** A block of at least `bytes` with undefined content. */
  take(bytes: number): Block {
    const size = roundUp(bytes, GRAIN);
    const piece = this.#fitting(size) ?? this.#grow(size);
    if (piece === undefined) {
      const { limit } = this.#memory;
      const reach = limit === undefined ? '' : ` (of ${limit} that can be reached)`;
      throw new HeddleError(
        'out-of-memory',
        `cpu: no memory for ${bytes} bytes beside the ${this.#live} in use${reach}. Use a smaller batch or model.`,
        { backend: 'cpu', asked: bytes, live: this.#live },
      );
    }
    this.#unbin(piece);
    piece.free = false;
    piece.bytes = bytes;
    if (piece.size > size) this.#bin(this.#split(piece, size));
    this.#live += bytes;
    this.#peak = Math.max(this.#peak, this.#live);
    return piece;
  }

  give(block: Block): void {
    let piece = block as Piece;
    this.#live -= piece.bytes;
    const { before, after } = piece;
    if (after?.free) this.#join(piece, after);
    if (before?.free) {
      this.#join(before, piece);
      piece = before;
    }
    this.#bin(piece);
  }

  /** Bytes asked for and not given back, now and at most, and bytes of all chunks. */
  usage(): { readonly live: number; readonly peak: number; readonly held: number } {
    return { live: this.#live, peak: this.#peak, held: this.#held };
  }

  /** Gives everything back to the system, blocks in use included. */
  close(): void {
    for (const chunk of this.#first.keys()) this.#memory.release(chunk);
    this.#first.clear();
    this.#bins.length = 0;
    this.#held = 0;
  }

  /** The best fit of the bin that the size belongs to, else any block of a higher bin. */
  #fitting(size: number): Piece | undefined {
    const bin = binOf(size);
    let best: Piece | undefined;
    for (const piece of this.#bins[bin] ?? [])
      if (piece.size >= size && (best === undefined || piece.size <= best.size)) best = piece;
    for (let i = bin + 1; best === undefined && i < this.#bins.length; i++)
      if (this.#bins[i]?.size > 0) [best] = this.#bins[i];
    return best;
  }

  /** A new chunk: as much as there is already, within bounds; if the system refuses, what is needed. */
  #grow(size: number): Piece | undefined {
    const needed = roundUp(size, HUGE_PAGE);
    const step = Math.max(needed, Math.min(roundUp(this.#held, HUGE_PAGE), LARGEST_STEP));
    let chunk = this.#memory.allocate(step) ?? this.#memory.allocate(needed);
    if (chunk === undefined && this.#releaseIdle()) chunk = this.#memory.allocate(needed);
    if (chunk === undefined) return undefined;
    const piece: Piece = {
      chunk,
      offset: 0,
      bytes: 0,
      size: chunk.byteLength,
      free: true,
      before: undefined,
      after: undefined,
    };
    this.#first.set(chunk, piece);
    this.#held += chunk.byteLength;
    this.#bin(piece);
    return piece;
  }

  /** Gives chunks without a block in use back to the system; says whether there was one. */
  #releaseIdle(): boolean {
    let any = false;
    for (const [chunk, piece] of this.#first) {
      if (!piece.free || piece.size < chunk.byteLength) continue;
      this.#unbin(piece);
      this.#first.delete(chunk);
      this.#held -= chunk.byteLength;
      this.#memory.release(chunk);
      any = true;
    }
    return any;
  }

  /** Shortens a piece to `size`; returns what was behind it. */
  #split(piece: Piece, size: number): Piece {
    const rest: Piece = {
      chunk: piece.chunk,
      offset: piece.offset + size,
      bytes: 0,
      size: piece.size - size,
      free: true,
      before: piece,
      after: piece.after,
    };
    if (rest.after) rest.after.before = rest;
    piece.after = rest;
    piece.size = size;
    return rest;
  }

  /** Makes `second`, which is free, a part of `first`, which lies before it. */
  #join(first: Piece, second: Piece): void {
    this.#unbin(second);
    this.#unbin(first);
    first.size += second.size;
    first.after = second.after;
    if (second.after) second.after.before = first;
  }

  #bin(piece: Piece): void {
    piece.free = true;
    const bin = binOf(piece.size);
    const pieces = this.#bins[bin];
    if (pieces) pieces.add(piece);
    else this.#bins[bin] = new Set([piece]);
  }

  #unbin(piece: Piece): void {
    if (piece.free) this.#bins[binOf(piece.size)]?.delete(piece);
  }
}
