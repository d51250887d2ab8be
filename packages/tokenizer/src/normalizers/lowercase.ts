import type { AlignedText } from '../aligned-text.js';
import type { Normalizer } from '../parts.js';
import { eachCharacter } from './each-character.js';

/** Lower case, each character for itself: a final sigma is a sigma like others. */
export function lowercase(): Normalizer {
  return { normalize: toLowercase, toJSON: () => ({ type: 'Lowercase' }) };
}

export function toLowercase(text: AlignedText): AlignedText {
  const lower = text.text.toLowerCase();
  // No character becomes shorter, so none became longer; a sigma would know where it stands.
  if (lower.length === text.length && !text.text.includes('Σ')) return text.withText(lower);
  return eachCharacter(text, (point) => {
    const char = String.fromCodePoint(point);
    const changed = char.toLowerCase();
    return changed === char ? undefined : changed;
  });
}
