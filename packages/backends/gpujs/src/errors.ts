/** Error codes of this package. */
export interface GpujsErrors {
  /** A mode of gpu.js that was asked for cannot serve here. */
  'gpujs/no-mode': { mode: string; reason: string };
}

declare module '@heddle/core' {
  interface ErrorDetails extends GpujsErrors {}
}
