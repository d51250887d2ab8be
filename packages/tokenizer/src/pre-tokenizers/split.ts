import type { PieceEnd } from '../parts.js';
import type { Pattern } from '../regex/read.js';
import { type CuttingPreTokenizer, cutBy, cutting } from './cut.js';
import { cutAtDelimiters, type DelimiterBehavior } from './delimiters.js';
import { scannerOf } from './scanners.js';

export interface SplitOptions {
  readonly pattern: Pattern;
  readonly behavior: DelimiterBehavior;
  /** The delimiters are what is between the matches. */
  readonly invert?: boolean;
}

/** Cuts at what a pattern matches. */
export function split({ pattern, behavior, invert = false }: SplitOptions): CuttingPreTokenizer {
  const toJSON = (): ReturnType<CuttingPreTokenizer['toJSON']> => ({
    type: 'Split',
    pattern: pattern.json,
    behavior,
    invert,
  });
  const scanner = scannerOf(pattern);
  // Matches without gaps are the same pieces, whether they or the gaps are taken for delimiters.
  if (scanner && (behavior === 'Isolated' || (behavior === 'Removed' && invert))) {
    return cutting(cutBy(scanner), toJSON, scanner);
  }
  const pieceEnd: PieceEnd | undefined =
    behavior === 'Isolated' ? pattern.regex?.pieceEnd : undefined;
  return cutting(cutAtDelimiters(pattern.matches, behavior, invert), toJSON, pieceEnd);
}
