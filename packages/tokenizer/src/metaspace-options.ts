import { bad, flagAt, type JsonObject, onlyKeys, stringAt, unsupported } from './json-reader.js';

/** How SentencePiece writes spaces, for the way to tokens and the way back. */
export interface MetaspaceOptions {
  /** The character in the place of a space. */
  readonly replacement: string;
  /** Whether it is put before a text that does not begin with it: always, at the beginning of the whole text, never. */
  readonly prependScheme: PrependScheme;
  /** Cuts before each. */
  readonly split: boolean;
}

export type PrependScheme = 'always' | 'first' | 'never';

const PREPEND_SCHEMES: readonly unknown[] = ['always', 'first', 'never'];

/** Files of early versions have `add_prefix_space`, and `str_rep`, which says nothing more. */
export function metaspaceOptionsAt(section: JsonObject, place: string): MetaspaceOptions {
  const keys = ['type', 'replacement', 'prepend_scheme', 'split', 'add_prefix_space', 'str_rep'];
  onlyKeys(section, keys, place);
  const replacement = stringAt(section.replacement ?? '▁', `${place}.replacement`);
  if ([...replacement].length !== 1) throw bad(`${place}.replacement`, 'should be one character');
  const prefix = flagAt(section.add_prefix_space, `${place}.add_prefix_space`, true);
  const scheme = section.prepend_scheme ?? (prefix ? 'always' : 'never');
  if (!PREPEND_SCHEMES.includes(scheme)) {
    throw unsupported(`${place}.prepend_scheme`, scheme, PREPEND_SCHEMES.join(', '));
  }
  if (!prefix && scheme !== 'never') {
    throw bad(place, `says add_prefix_space: false and prepend_scheme: ${scheme}`);
  }
  return {
    replacement,
    prependScheme: scheme as PrependScheme,
    split: flagAt(section.split, `${place}.split`, true),
  };
}
