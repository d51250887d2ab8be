import type { AlignedText } from '../aligned-text.js';
import type { MetaspaceOptions } from '../metaspace-options.js';
import { eachCharacter } from '../normalizers/each-character.js';
import { prepend } from '../normalizers/prepend.js';
import type { PreTokenizer } from '../parts.js';
import { characters, cutAtDelimiters } from './delimiters.js';

/** Writes spaces as a visible character, which begins the word that follows: SentencePiece's way. */
export function metaspacePreTokenizer(options: MetaspaceOptions): PreTokenizer {
  const { replacement, prependScheme, split } = options;
  const prefix = prepend(replacement);
  const mark = replacement.codePointAt(0);
  const cut = cutAtDelimiters(
    characters((point) => point === mark),
    'MergedWithNext',
    false,
  );
  return {
    split(text, emit) {
      if (text.length === 0) return;
      let changed = withoutSpaces(text, replacement);
      const wanted =
        prependScheme === 'always' || (prependScheme === 'first' && text.startOf(0) === 0);
      if (wanted && !changed.text.startsWith(replacement)) changed = prefix.normalize(changed);
      if (!split || changed.text.indexOf(replacement, replacement.length) < 0) emit(changed);
      else cut(changed.text, 0, changed.length, (start, end) => emit(changed.slice(start, end)));
    },
    toJSON: () => ({ type: 'Metaspace', replacement, prepend_scheme: prependScheme, split }),
  };
}

function withoutSpaces(text: AlignedText, replacement: string): AlignedText {
  if (replacement.length === 1) return text.withText(text.text.replaceAll(' ', replacement));
  return eachCharacter(text, (point) => (point === 0x20 ? replacement : undefined));
}
