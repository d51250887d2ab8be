import { webAssembly } from './platform.js';

/** A module that adds products in one relaxed instruction, to see whether the engine knows it. */
const RELAXED_PROBE = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // magic, version
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b], // type: () -> v128
  ...[0x03, 0x02, 0x01, 0x00], // one function of it
  ...[0x0a, 0x13, 0x01, 0x11, 0x00], // its code
  ...[0x41, 0x00, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f], // three i8x16.splat 0
  ...[0xfd, 0x85, 0x02, 0x0b], // f32x4.relaxed_madd
);

/** What a build of the kernels for WebAssembly needs of its engine. */
export interface WasmFeatures {
  /** Memory that threads share. */
  readonly shared: boolean;
  /** Relaxed SIMD: multiply-add in one instruction, rounded as the processor does it. */
  readonly relaxed: boolean;
}

/** What this engine offers. */
export function wasmFeatures(): WasmFeatures {
  return { shared: canShare(), relaxed: webAssembly().validate(RELAXED_PROBE) };
}

/** The file in dist/wasm that needs just that (native/wasm/build.mjs). */
export function moduleFile({ shared, relaxed }: WasmFeatures): string {
  return `heddle${shared ? '-threads' : ''}${relaxed ? '-relaxed' : ''}.wasm`;
}

function canShare(): boolean {
  try {
    return (
      new (webAssembly().Memory)({ initial: 0, maximum: 0, shared: true }).buffer !== undefined
    );
  } catch {
    return false;
  }
}
