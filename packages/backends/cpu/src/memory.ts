/** Bytes that kernels can reach: `byteLength` of `buffer` from `byteOffset` on. */
export interface Chunk {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** Where a backend's kernels want their operands to live. */
export interface Memory {
  /** Bytes that can be reached at all, where it is not the machine that sets the limit. */
  readonly limit?: number;
  /** Exactly `bytes` (a multiple of 4096), aligned to 64; undefined: there is no more. */
  allocate(bytes: number): Chunk | undefined;
  /** Gives a chunk back to the system; nobody may touch it afterwards. */
  release(chunk: Chunk): void;
}

/** Memory of the JavaScript engine. */
export const hostMemory: Memory = {
  allocate(bytes) {
    try {
      return { buffer: new ArrayBuffer(bytes), byteOffset: 0, byteLength: bytes };
    } catch {
      return undefined;
    }
  },
  release() {},
};
