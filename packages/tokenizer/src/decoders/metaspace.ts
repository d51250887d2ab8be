import type { MetaspaceOptions } from '../metaspace-options.js';
import type { Decoder } from '../parts.js';

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
