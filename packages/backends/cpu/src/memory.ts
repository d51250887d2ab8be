/** Bytes that kernels can reach: `byteLength` of `buffer` from `byteOffset` on. */
export interface Chunk {
  /** Where memory moves when it grows (WebAssembly's), this is where it is now. */
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** Where a backend's kernels want their operands to live. */
export interface Memory {
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
