import { toAlphabet } from '../models/alphabet-pieces.js';
import { wellFormed } from '../models/well-formed.js';
import type { PieceCounts } from './piece-counts.js';

/** The different pieces of a corpus as the model is to see them, and how often each came. */
export interface Words {
  readonly texts: readonly string[];
  readonly counts: Float64Array;
}

/** @param bytes whether the model takes the bytes of pieces, in the byte alphabet, or their characters */
export function wordsOf(pieces: PieceCounts, bytes: boolean): Words {
  const texts: string[] = [];
  const counts = new Float64Array(pieces.size);
  for (let piece = 0; piece < pieces.size; piece++) {
    const text = pieces.textOf(piece);
    texts.push(bytes ? toAlphabet(text, 0, text.length) : wellFormed(text));
    counts[piece] = pieces.countOf(piece);
  }
  return { texts, counts };
}
