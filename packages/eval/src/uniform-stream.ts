import { fold, philox, type RngKey, rngKey } from '@heddle/core';

/** Draws uniform numbers in (0, 1), one after another: word `i` of the key's Philox stream plus a half, times 2^-32. */
export function uniformStream(key: RngKey): () => number {
  const block = new Uint32Array(4);
  let index = 0;
  return () => {
    const lane = index & 3;
    if (lane === 0) {
      const counter = index / 4;
      philox(key, counter >>> 0, Math.floor(counter / 0x100000000), 0, 0, block);
    }
    index++;
    return (block[lane] + 0.5) * 2 ** -32;
  };
}

/** The stream of resample number `sample` of a bootstrap with this seed. */
export function resampleStream(seed: number, sample: number): () => number {
  return uniformStream(fold(fold(rngKey(seed), 'bootstrap'), sample));
}
