import { constants } from 'node:buffer';
import koffi, { type LibraryHandle } from 'koffi';
import { type Chunk, hostMemory, type Memory } from '../memory.js';

/** The largest view of foreign memory that Node makes; asked for a larger one, koffi ends the process. */
const LARGEST_VIEW = Math.min(constants.MAX_LENGTH, 2 ** 32);

/**
 * Memory from the native library (native/memory.c): pages straight from the system, huge ones where
 * it grants them. What is too large for a view comes from the JavaScript engine.
 */
export function systemMemory(library: LibraryHandle): Memory {
  const allocate: (bytes: number) => bigint | null = library.func('hd_memory_allocate', 'void *', [
    'size_t',
  ]);
  const release: (pointer: bigint, bytes: number) => void = library.func(
    'hd_memory_release',
    'void',
    ['void *', 'size_t'],
  );
  const pointers = new WeakMap<Chunk, bigint>();
  // A backend that nobody disposes of is collected with all its arrays, and its chunks with it.
  const collected = new FinalizationRegistry<{ pointer: bigint; bytes: number }>(
    ({ pointer, bytes }) => release(pointer, bytes),
  );
  return {
    allocate(bytes) {
      if (bytes > LARGEST_VIEW) return hostMemory.allocate(bytes);
      const pointer = allocate(bytes);
      if (pointer === null) return undefined;
      const buffer = viewOf(pointer, bytes);
      if (buffer === undefined) {
        release(pointer, bytes);
        return hostMemory.allocate(bytes);
      }
      const chunk = { buffer, byteOffset: 0, byteLength: bytes };
      pointers.set(chunk, pointer);
      collected.register(buffer, { pointer, bytes }, chunk);
      return chunk;
    },
    release(chunk) {
      const pointer = pointers.get(chunk);
      if (pointer === undefined) return;
      collected.unregister(chunk);
      pointers.delete(chunk);
      release(pointer, chunk.byteLength);
    },
  };
}

/** The memory as an array buffer; undefined where the runtime allows none over foreign memory (Electron). */
function viewOf(pointer: bigint, bytes: number): ArrayBuffer | undefined {
  try {
    return koffi.view(pointer, bytes);
  } catch {
    return undefined;
  }
}
