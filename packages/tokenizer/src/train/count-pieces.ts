import { AlignedText } from '../aligned-text.js';
import type { Normalizer, PreTokenizer } from '../parts.js';
import { PieceCounts } from './piece-counts.js';
import { type ReadOptions, readTexts, type Texts } from './read-texts.js';

/** What makes pieces of a text. */
export interface PieceParts {
  readonly normalizer: Normalizer | null;
  readonly preTokenizer: PreTokenizer | null;
}

/** Counts the pieces of all texts. Any way to count them numbers them in the order of their first arrival. */
export type CountPieces = (
  texts: Texts,
  parts: PieceParts,
  options: ReadOptions,
) => Promise<PieceCounts>;

/** Counts in this thread. */
export const countPieces: CountPieces = async (texts, parts, options) => {
  const counts = new PieceCounts();
  const add = pieceAdder(parts, counts);
  await readTexts(texts, options, {
    add,
    pieces: () => counts.size,
  });
  return counts;
};

/** Cuts texts into pieces and counts them. */
export function pieceAdder(
  { normalizer, preTokenizer }: PieceParts,
  counts: PieceCounts,
): (text: string) => void {
  if (normalizer === null && preTokenizer?.pieceEnd) return scanningAdder(preTokenizer, counts);
  const addPiece = (piece: AlignedText): void => counts.add(piece.text, 0, piece.length);
  return (text) => {
    const whole = AlignedText.of(text);
    const normalized = normalizer === null ? whole : normalizer.normalize(whole);
    if (normalized.length === 0) return;
    if (preTokenizer === null) addPiece(normalized);
    else preTokenizer.split(normalized, addPiece);
  };
}

/** Pieces that are stretches of the text need no copies. */
function scanningAdder(
  { pieceEnd, addPrefixSpace }: PreTokenizer,
  counts: PieceCounts,
): (text: string) => void {
  const scan = pieceEnd as NonNullable<PreTokenizer['pieceEnd']>;
  return (given) => {
    const text = addPrefixSpace && given !== '' && given[0] !== ' ' ? ` ${given}` : given;
    for (let at = 0; at < text.length; ) {
      const end = scan(text, at, text.length);
      counts.add(text, at, end);
      at = end;
    }
  };
}
