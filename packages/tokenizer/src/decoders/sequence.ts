import type { Decoder } from '../parts.js';

/** One after the other. */
export function sequenceDecoder(steps: readonly Decoder[]): Decoder {
  return {
    decodeChain: (tokens) =>
      steps.reduce<string[]>((done, step) => step.decodeChain(done), [...tokens]),
    toJSON: () => ({ type: 'Sequence', decoders: steps.map((step) => step.toJSON()) }),
  };
}

/** Joins all tokens to one, for the steps after it. */
export function fuseDecoder(): Decoder {
  return {
    decodeChain: (tokens) => [tokens.join('')],
    toJSON: () => ({ type: 'Fuse' }),
  };
}
