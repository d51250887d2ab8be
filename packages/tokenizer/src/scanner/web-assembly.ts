import { SCANNER_WASM } from './scanner-wasm.js';

/** What the module of native/ has. The arrays are numbers of bytes in `memory`. */
export interface ScannerExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly text: Address;
  readonly ends: Address;
  readonly tokens: Address;
  readonly learnt: Address;
  readonly classes: Address;
  start(pattern: number, maxDigits: number): void;
  scan(bytes: number, more: number): number;
  units(from: number, to: number): number;
  look_up(piece: number): number;
  take(): number;
  learn(piece: number, count: number): void;
}

interface Address {
  readonly value: number;
}

/** What is used of WebAssembly, typed here: TypeScript has it in the lib "dom", with all globals of a page. */
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

let module: object | undefined;

/**
 * A new instance of the scanner; undefined where there is no WebAssembly, where it has no SIMD, where a policy of
 * the page forbids it, and where there is no memory for one.
 */
export function scannerInstance(): ScannerExports | undefined {
  const { WebAssembly } = globalThis as { readonly WebAssembly?: Engine };
  if (WebAssembly === undefined) return undefined;
  try {
    module ??= new WebAssembly.Module(bytesOf(SCANNER_WASM));
    return new WebAssembly.Instance(module).exports as ScannerExports;
  } catch {
    return undefined;
  }
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}
