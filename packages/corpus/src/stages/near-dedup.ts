import { refuse, requireInteger, requireNumber } from '../argument.js';
import { type DocumentStage, documentStage } from '../pipeline.js';
import { LshIndex } from './lsh-index.js';
import { minHasher } from './minhash.js';

export interface NearDedupOptions {
  /** Estimated Jaccard similarity of word n-grams from which on two documents are the same. Default 0.8. */
  readonly threshold?: number;
  /** Words in an n-gram. Default 5. */
  readonly ngram?: number;
  /** Numbers in a signature. Default 128: a standard error of 0.035 at a similarity of 0.8. */
  readonly permutations?: number;
  /** Bands that the signature is cut into; divides `permutations`. Default 16: candidates from about 0.7 on. */
  readonly bands?: number;
  readonly seed?: number;
}

/**
 * Drops documents that nearly came before (`near-duplicate`); the first stays. MinHash signatures
 * (Broder 1997) in an LSH index propose pairs, their estimated similarity decides. The result
 * depends on the documents, their order and the seed only. Documents without words pass.
 *
 * Memory: for each document that stays 4 bytes × permutations + 8 to 12 × bands, by default 640
 * to 704 bytes.
 */
export function nearDedup(options: NearDedupOptions = {}): DocumentStage {
  const { threshold = 0.8, ngram = 5, permutations = 128, bands = 16, seed = 0 } = options;
  requireNumber('threshold', threshold, 0, 1);
  requireInteger('ngram', ngram, 1, 1000);
  requireInteger('permutations', permutations, 1, 4096);
  requireInteger('bands', bands, 1, permutations);
  requireInteger('seed', seed, Number.MIN_SAFE_INTEGER);
  if (permutations % bands !== 0) refuse('bands', bands, `divide permutations (${permutations})`);
  return documentStage('nearDedup', () => {
    const signatureOf = minHasher({ ngram, permutations, seed });
    const index = new LshIndex(permutations, bands);
    return (document) => {
      const signature = signatureOf(document.text);
      if (signature === undefined) return document;
      if (index.hasSimilar(signature, threshold)) return { drop: 'near-duplicate' };
      index.add(signature);
      return document;
    };
  });
}
