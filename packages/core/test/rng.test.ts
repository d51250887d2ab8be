import { describe, expect, it } from 'vitest';
import { fold, permutation, philox, randomNormal, randomUniform, rngKey } from '../src/index.js';

describe('philox', () => {
  // Known answers published with the Random123 library (kat_vectors, philox4x32 10).
  it.each([
    [
      [0, 0],
      [0, 0, 0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0xa4093822, 0x299f31d0],
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as const)('key %j counter %j', (key, [c0, c1, c2, c3], expected) => {
    const out = new Uint32Array(4);
    philox(key, c0, c1, c2, c3, out);
    expect([...out]).toEqual([...expected]);
  });
});

describe('keys', () => {
  it('fold tells numbers and names apart', () => {
    const key = rngKey(1);
    const seen = new Set(
      [0, 1, 2 ** 32, '', '0', 'a', 'b', 'ab', 'layer.1', 'layer.11'].map((d) =>
        fold(key, d).join(),
      ),
    );
    expect(seen.size).toBe(10);
    expect(fold(key, 'wte')).toEqual(fold(rngKey(1), 'wte'));
  });
});

describe('distributions', () => {
  it('uniform is in [0, 1) with the right moments, and a prefix of a longer stream', () => {
    const values = randomUniform(rngKey(7), 100_000);
    let sum = 0;
    for (const v of values) {
      expect(v >= 0 && v < 1).toBe(true);
      sum += v;
    }
    expect(Math.abs(sum / values.length - 0.5)).toBeLessThan(0.005);
    expect(randomUniform(rngKey(7), 5)).toEqual(values.slice(0, 5));
  });

  it('normal has mean 0 and variance 1', () => {
    const values = randomNormal(rngKey(7), 100_001);
    const mean = values.reduce((s, v) => s + v, 0) / values.length;
    const variance = values.reduce((s, v) => s + (v - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.015);
    expect(Math.abs(variance - 1)).toBeLessThan(0.02);
  });

  it.each([0, 1, 2, 3, 5, 16, 17, 1000])('permutation of %i is a bijection', (size) => {
    const at = permutation(rngKey(3), size);
    const image = new Set(Array.from({ length: size }, (_, i) => at(i)));
    expect(image.size).toBe(size);
    for (const i of image) expect(i >= 0 && i < size).toBe(true);
  });
});
