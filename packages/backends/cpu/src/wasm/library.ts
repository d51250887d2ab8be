import {
  ABI,
  checked,
  closedError,
  type NativeArgument,
  type NativeLibrary,
} from '../native/abi.js';
import { LinearMemory } from './memory.js';
import { type Instance, type LinearBuffer, type Module, webAssembly } from './platform.js';

const PAGE = 65_536;
/** The first part of the memory, RESERVED in native/wasm/build.mjs. */
const RESERVED_PAGES = 1024;
/** Pages of memory that threads share, and of memory that does not grow, as much as the engine gives. */
const SHARED_PAGES = [65_536, 32_768, 16_384, 8192];
const FIXED_PAGES = [16_384, 8192, 4096];
const STACK_BYTES = 2 ** 20;
const FIRST_STAGE_BYTES = 65_536;

/** What a worker needs to take part: the module on the same memory, and a stack of its own. */
export interface WorkerStart {
  readonly module: Module;
  readonly memory: LinearBuffer;
  readonly pool: number;
  readonly worker: number;
  readonly stack: number;
}

/** Starts a thread that runs WORKER_PROGRAM; the result ends it. */
export type StartWorker = (start: WorkerStart) => () => void;

interface Exports {
  readonly hd_abi: () => number;
  readonly hd_pool_open: (threads: number, mayWait: number) => number;
  readonly hd_pool_close: (pool: number) => void;
  readonly hd_pool_joined: (pool: number) => number;
  readonly hd_pool_refused: (pool: number) => number;
  readonly hd_memory_allocate: (bytes: number) => number;
}

/**
 * The body of a worker's program, a function of its WorkerStart. It instantiates the module on the
 * shared memory and works until the pool closes.
 */
export const WORKER_BODY = `({ module, memory, pool, worker, stack }) => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory }, Math });
  exports.__stack_pointer.value = stack;
  exports.hd_pool_work(pool, worker);
}`;

/** The largest memory that the engine gives. */
function makeMemory(shared: boolean): { memory: LinearBuffer; pages: number } | undefined {
  for (const pages of shared ? SHARED_PAGES : FIXED_PAGES) {
    try {
      const initial = shared ? RESERVED_PAGES : pages;
      return { memory: new (webAssembly().Memory)({ initial, maximum: pages, shared }), pages };
    } catch {} // there may be less
  }
  return undefined;
}

/** Kernels of a WebAssembly module. */
export interface WasmLibrary extends NativeLibrary {
  /** How many workers have started: they do so while the first operations run. */
  joined(): number;
}

/**
 * The kernels of a WebAssembly module on a memory of their own, or why they cannot serve. With
 * `shared` (the module must be built for it) there are threads: `startWorker` starts all but one.
 */
export function wasmLibrary(options: {
  readonly module: Module;
  readonly shared: boolean;
  readonly threads: number;
  /** Whether this thread may sleep: the main thread of a page may not. */
  readonly mayWait: boolean;
  readonly startWorker: StartWorker;
}): WasmLibrary | { readonly reason: string } {
  const { module, shared } = options;
  const threads = shared ? options.threads : 1;
  const made = makeMemory(shared);
  if (made === undefined) return { reason: 'the engine grants no memory for WebAssembly' };
  const { memory, pages } = made;
  const instance: Instance = new (webAssembly().Instance)(module, { env: { memory }, Math });
  const functions = instance.exports as unknown as Exports;
  const abi = functions.hd_abi();
  if (abi !== ABI)
    return { reason: `the WebAssembly module has ABI ${abi}, this package needs ${ABI}` };

  const linear = new LinearMemory(
    memory,
    { start: RESERVED_PAGES * PAGE, end: memory.buffer.byteLength },
    pages * PAGE,
  );
  const ours = new Set<ArrayBufferLike>(); // buffers of the memory: a new one when it grew
  const pool = functions.hd_pool_open(threads, options.mayWait ? 1 : 0);
  const workers = Array.from({ length: threads - 1 }, (_, i) => {
    const stack = functions.hd_memory_allocate(STACK_BYTES) + STACK_BYTES;
    return options.startWorker({ module, memory, pool, worker: i + 1, stack });
  });
  const stage = new Stage(memory, functions.hd_memory_allocate);
  let open = true;

  const addressOf = (array: ArrayBufferView): number | undefined => {
    if (!ours.has(array.buffer)) {
      ours.add(memory.buffer);
      if (!ours.has(array.buffer)) return undefined;
    }
    return array.byteOffset;
  };

  return {
    threads,
    memory: {
      limit: linear.limit,
      allocate(bytes) {
        const chunk = linear.allocate(bytes);
        if (chunk !== undefined) ours.add(chunk.buffer);
        return chunk;
      },
      release: (chunk) => linear.release(chunk),
    },
    bind(name, types) {
      const kernel = instance.exports[`hd_${name}_wasm`] as (...args: unknown[]) => number;
      const wide = types.map((type) => type === 'int64_t');
      const convert = (argument: NativeArgument, i: number): number | bigint => {
        if (typeof argument === 'number') return wide[i] ? BigInt(argument) : argument;
        if (typeof argument === 'bigint') return argument;
        return argument === null ? 0 : (addressOf(argument) ?? stage.put(argument));
      };
      return (...args) => {
        if (!open) throw closedError(name);
        stage.clear();
        const status = kernel(pool, ...args.map(convert));
        return checked(name, status, () => ({
          asked: functions.hd_pool_refused(pool),
          live: memory.buffer.byteLength,
        }));
      };
    },
    address(array) {
      const address = addressOf(array);
      if (address === undefined)
        throw new RangeError('cpu: the array is not in WebAssembly memory');
      return BigInt(address);
    },
    joined: () => functions.hd_pool_joined(pool),
    close() {
      if (open) functions.hd_pool_close(pool);
      open = false;
      for (const stop of workers) stop();
    },
  };
}

/** A place in the memory for the small arrays that a call brings along: sizes and addresses. */
class Stage {
  readonly #memory: LinearBuffer;
  readonly #allocate: (bytes: number) => number;
  #bytes: Uint8Array = new Uint8Array(0);
  #used = 0;

  constructor(memory: LinearBuffer, allocate: (bytes: number) => number) {
    this.#memory = memory;
    this.#allocate = allocate;
    this.#reserve(FIRST_STAGE_BYTES);
  }

  /** Forgets what the last call brought. */
  clear(): void {
    this.#used = 0;
  }

  /** Copies an array; 64-bit addresses become the 32-bit ones of WebAssembly. */
  put(array: ArrayBufferView): number {
    if (array instanceof BigUint64Array) return this.put(Uint32Array.from(array, Number));
    // What an earlier array of this call occupies stays where it is.
    if (this.#used + array.byteLength > this.#bytes.byteLength)
      this.#reserve(Math.max(array.byteLength, 2 * this.#bytes.byteLength));
    const at = this.#used;
    this.#bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    this.#used = Math.ceil((at + array.byteLength) / 8) * 8;
    return this.#bytes.byteOffset + at;
  }

  #reserve(bytes: number): void {
    const at = this.#allocate(bytes);
    if (at === 0)
      throw new RangeError(`cpu: no WebAssembly memory for ${bytes} bytes of arguments`);
    this.#bytes = new Uint8Array(this.#memory.buffer, at, bytes);
    this.#used = 0;
  }
}
