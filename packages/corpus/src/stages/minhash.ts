import { randomWords, rngKey } from '@heddle/core';
import { UNSPACED } from './unspaced-scripts.js';

/**
 * MinHash (Broder 1997, "On the resemblance and containment of documents"): the share of places at
 * which two signatures agree is an unbiased estimate of the Jaccard similarity of the sets of word
 * n-grams of two texts, with standard error sqrt(J (1 - J) / permutations).
 */
export interface MinHashOptions {
  /** Words in a shingle. */
  readonly ngram: number;
  /** Numbers in a signature. */
  readonly permutations: number;
  readonly seed: number;
}

/** Makes signatures: `permutations` unsigned 32-bit words; undefined for a text without words. */
export function minHasher(options: MinHashOptions): (text: string) => Uint32Array | undefined {
  const { ngram, permutations, seed } = options;
  const words = randomWords(rngKey(seed), 2 * permutations);
  // x -> mix(a x + b) with odd a: a bijection of the 32-bit words, standing for a permutation.
  const multipliers = words.slice(0, permutations).map((word) => word | 1);
  const offsets = words.slice(permutations);
  return (text) => {
    const hashes = shingleHashes(text, ngram);
    if (hashes.length === 0) return undefined;
    const signature = new Uint32Array(permutations).fill(0xffffffff);
    for (let i = 0; i < permutations; i++) {
      const a = multipliers[i];
      const b = offsets[i];
      let least = 0xffffffff;
      for (let j = 0; j < hashes.length; j++) {
        const hash = mix((Math.imul(a, hashes[j]) + b) | 0);
        if (hash < least) least = hash;
      }
      signature[i] = least;
    }
    return signature;
  };
}

/** The estimated Jaccard similarity, from two signatures of one hasher. */
export function estimateJaccard(a: Uint32Array, b: Uint32Array): number {
  let equal = 0;
  for (let i = 0; i < a.length; i++) if (a[i] === b[i]) equal++;
  return equal / a.length;
}

/**
 * A 32-bit hash of each run of `ngram` words; of all words together where there are fewer. Words
 * are runs of letters, digits and marks, lower case; each character of a script that is written
 * without spaces is a word.
 */
export function shingleHashes(text: string, ngram: number): Uint32Array {
  const words = wordHashes(text.toLowerCase());
  const size = Math.min(ngram, words.length);
  if (size === 0) return new Uint32Array(0);
  const hashes = new Uint32Array(words.length - size + 1);
  for (let i = 0; i < hashes.length; i++) {
    let hash = size;
    for (let j = i; j < i + size; j++) hash = mix((Math.imul(hash, 0x9e3779b1) + words[j]) | 0);
    hashes[i] = hash;
  }
  return hashes;
}

const WORD = `[${UNSPACED}]|(?:(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}])+`;

/** FNV-1a of each word's UTF-16 units (Fowler, Noll, Vo). */
function wordHashes(text: string): Uint32Array {
  let hashes = new Uint32Array(256);
  let count = 0;
  for (const [word] of text.matchAll(new RegExp(WORD, 'gu'))) {
    let hash = 0x811c9dc5;
    for (let i = 0; i < word.length; i++) {
      hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
    }
    if (count === hashes.length) {
      const larger = new Uint32Array(2 * count);
      larger.set(hashes);
      hashes = larger;
    }
    hashes[count++] = hash;
  }
  return hashes.subarray(0, count);
}

/** MurmurHash3's 32-bit finalizer (Appleby): a bijection in which every bit moves every other. */
function mix(hash: number): number {
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return hash >>> 0;
}
