import type { Normalizer } from '../parts.js';

/** Puts `prefix` before a text that is not empty; it stands for the first character. */
export function prepend(prefix: string): Normalizer {
  return {
    normalize: (text) => (text.length === 0 || prefix === '' ? text : text.prefixed(prefix)),
    toJSON: () => ({ type: 'Prepend', prepend: prefix }),
  };
}
