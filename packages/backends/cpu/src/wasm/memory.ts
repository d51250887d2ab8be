import type { Chunk, Memory } from '../memory.js';
import type { LinearBuffer } from './platform.js';

const PAGE = 65_536;

interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Memory of a WebAssembly module, which grows and never shrinks: chunks that were released wait
 * for the next request, neighbours joined. Only shared memory grows; other would move, and take
 * its arrays away from who holds them.
 */
export class LinearMemory implements Memory {
  readonly memory: LinearBuffer;
  readonly limit: number;
  #free: Range[] = [];

  /** `free`: where nothing lies yet. `limit`: bytes that the memory may grow to. */
  constructor(memory: LinearBuffer, free: Range, limit: number) {
    this.memory = memory;
    this.limit = limit;
    if (free.end > free.start) this.#free.push(free);
  }

  allocate(bytes: number): Chunk | undefined {
    const at = this.#reuse(bytes) ?? this.#grow(bytes);
    if (at === undefined) return undefined;
    return { buffer: this.memory.buffer, byteOffset: at, byteLength: bytes };
  }

  release({ byteOffset, byteLength }: Chunk): void {
    const ranges = [...this.#free, { start: byteOffset, end: byteOffset + byteLength }];
    this.#free = [];
    for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
      const last = this.#free.at(-1);
      if (last?.end === range.start)
        this.#free.splice(-1, 1, { start: last.start, end: range.end });
      else this.#free.push(range);
    }
  }

  #reuse(bytes: number): number | undefined {
    const index = this.#free.findIndex(({ start, end }) => end - start >= bytes);
    if (index < 0) return undefined;
    const { start, end } = this.#free[index];
    this.#free.splice(index, 1, ...(end - start > bytes ? [{ start: start + bytes, end }] : []));
    return start;
  }

  #grow(bytes: number): number | undefined {
    try {
      return this.memory.grow(Math.ceil(bytes / PAGE)) * PAGE;
    } catch {
      return undefined;
    }
  }
}
