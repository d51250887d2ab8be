/** Error codes of this package. */
export interface CpuErrors {
  /** Native kernels were asked for and cannot serve. */
  'cpu/no-native': { reason: string };
  /** WebAssembly kernels were asked for and cannot serve. */
  'cpu/no-wasm': { reason: string };
}

declare module '@heddle/core' {
  interface ErrorDetails extends CpuErrors {}
}
