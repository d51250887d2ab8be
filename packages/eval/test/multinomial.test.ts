import { rngKey } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { binomial, resampleCounts } from '../src/multinomial.js';
import { uniformStream } from '../src/uniform-stream.js';

/** log C(n, k) p^k q^(n-k) by summing logarithms. */
function logProbability(n: number, k: number, p: number): number {
  let log = k * Math.log(p) + (n - k) * Math.log1p(-p);
  for (let i = 1; i <= k; i++) log += Math.log((n - k + i) / i);
  return log;
}

describe('binomial', () => {
  // Both algorithms, both sides of 1/2, and the border between them.
  it.each([
    [20, 0.3],
    [40, 0.25],
    [60, 0.5],
    [200, 0.9],
    [3000, 0.01],
  ])('n = %i, p = %f follows the exact distribution (chi-square)', (n, p) => {
    const uniform = uniformStream(rngKey(7));
    const draws = 40_000;
    const seen = new Map<number, number>();
    for (let i = 0; i < draws; i++) {
      const k = binomial(n, p, uniform);
      seen.set(k, (seen.get(k) ?? 0) + 1);
    }
    let chiSquare = 0;
    let cells = 0;
    let restExpected = draws;
    let restSeen = draws;
    for (let k = 0; k <= n; k++) {
      const expected = draws * Math.exp(logProbability(n, k, p));
      if (expected < 20) continue;
      const count = seen.get(k) ?? 0;
      chiSquare += (count - expected) ** 2 / expected;
      restExpected -= expected;
      restSeen -= count;
      cells++;
    }
    chiSquare += (restSeen - restExpected) ** 2 / Math.max(restExpected, 5);
    // Mean `cells`, deviation sqrt(2 cells): four deviations.
    expect(chiSquare).toBeLessThan(cells + 4 * Math.sqrt(2 * cells));
  });

  it('is sure where the probability is', () => {
    const uniform = uniformStream(rngKey(1));
    expect(binomial(10, 0, uniform)).toBe(0);
    expect(binomial(10, 1, uniform)).toBe(10);
    expect(binomial(0, 0.5, uniform)).toBe(0);
  });
});

describe('resampleCounts', () => {
  it('keeps the total, never fills an empty cell, and has the covariances of a multinomial', () => {
    const counts = [50, 0, 30, 20, 900];
    const total = 1000;
    const uniform = uniformStream(rngKey(3));
    const out = new Float64Array(counts.length);
    const draws = 20_000;
    const sums = new Float64Array(5);
    let cross = 0;
    for (let i = 0; i < draws; i++) {
      resampleCounts(counts, uniform, out);
      expect(out.reduce((a, b) => a + b, 0)).toBe(total);
      expect(out[1]).toBe(0);
      for (let c = 0; c < 5; c++) sums[c] += out[c];
      cross += (out[0] - 50) * (out[4] - 900);
    }
    for (let c = 0; c < 5; c++) {
      const deviation = Math.sqrt((counts[c] * (1 - counts[c] / total)) / draws);
      expect(Math.abs(sums[c] / draws - counts[c])).toBeLessThanOrEqual(4 * deviation);
    }
    expect(cross / draws / ((-50 * 900) / total)).toBeCloseTo(1, 1.1);
  });
});
