/*
 * What is used of WebAssembly and of pages, typed here: the types of TypeScript's lib "dom" would
 * give every module of this package, and of those that import it, the globals of a page.
 */

/** A compiled module. */
export type Module = object;

export interface LinearBuffer {
  readonly buffer: ArrayBufferLike;
  /** Adds pages of 64 KiB and returns how many there were; a RangeError if there are no more. */
  grow(pages: number): number;
}

export interface Instance {
  readonly exports: Readonly<Record<string, unknown>>;
}

interface Engine {
  readonly Memory: new (limits: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: boolean;
  }) => LinearBuffer;
  readonly Module: new (bytes: Uint8Array) => Module;
  readonly Instance: new (module: Module, imports: object) => Instance;
  compile(bytes: ArrayBuffer): Promise<Module>;
  validate(bytes: Uint8Array): boolean;
}

interface PageWorker {
  onerror: (event: { readonly message: string }) => void;
  postMessage(message: object): void;
  terminate(): void;
}

/** Globals of a page, or of a worker of one. */
interface Page {
  readonly crossOriginIsolated: boolean;
  readonly navigator: { readonly hardwareConcurrency?: number };
  readonly Worker: new (url: string) => PageWorker;
  /** Only in workers. */
  readonly WorkerGlobalScope?: unknown;
}

export function webAssembly(): Engine {
  return (globalThis as unknown as { readonly WebAssembly: Engine }).WebAssembly;
}

export function page(): Page {
  return globalThis as unknown as Page;
}
