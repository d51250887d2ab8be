/** Error codes of this package. */
export interface TfjsErrors {
  /** The engine that was asked for cannot serve here. */
  'tfjs/no-engine': { engine: string; reason: string };
}

declare module '@heddle/core' {
  interface ErrorDetails extends TfjsErrors {}
}
