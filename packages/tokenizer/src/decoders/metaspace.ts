import type { Decoder } from '../parts.js';

export interface MetaspaceOptions {
  /** The character that stands for a space. */
  readonly replacement: string;
  /** When a space was put before the text. */
  readonly prependScheme: 'always' | 'first' | 'never';
  /** Whether pieces end before each space. */
  readonly split: boolean;
}

/** Turns the characters that stand for spaces back into spaces; the one at the beginning was put there. */
export function metaspaceDecoder({ replacement, prependScheme, split }: MetaspaceOptions): Decoder {
  return {
    decodeChain: (tokens) =>
      tokens.map((token, i) =>
        token.replaceAll(replacement, i === 0 && prependScheme !== 'never' ? '' : ' '),
      ),
    toJSON: () => ({ type: 'Metaspace', replacement, prepend_scheme: prependScheme, split }),
  };
}
