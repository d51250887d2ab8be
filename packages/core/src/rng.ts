/**
 * Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy
 * as 1, 2, 3"). A key and a counter name a number, so every backend draws the same ones, in any
 * order, and a resumed run repeats itself. There is no state to keep.
 */

/** Two unsigned 32-bit words. */
export type RngKey = readonly [number, number];

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** Upper 32 bits of the unsigned product of two 32-bit words. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) >>> 0;
}

/** One Philox4x32-10 block: four words for the 128-bit counter `[c0, c1, c2, c3]`, written to `out`. */
export function philox(
  key: RngKey,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  out: Uint32Array,
): void {
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = mulHigh(M0, c0);
    const low0 = Math.imul(M0, c0) >>> 0;
    const high1 = mulHigh(M1, c2);
    const low1 = Math.imul(M1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** The key of a seed (any safe integer). */
export function rngKey(seed: number): RngKey {
  return [seed >>> 0, Math.floor(seed / 0x100000000) >>> 0];
}

/**
 * A new independent key from `key` and a number or a name, e.g. the step, the layer, a parameter's
 * name. Different data give unrelated keys; the same data give the same key.
 */
export function fold(key: RngKey, data: number | string): RngKey {
  const out = new Uint32Array(4);
  if (typeof data === 'number') {
    philox(key, data >>> 0, Math.floor(data / 0x100000000) >>> 0, 0, 0x666f6c64, out);
  } else {
    let [k0, k1] = key;
    for (let i = 0; i < data.length; i += 4) {
      philox(
        [k0, k1],
        data.charCodeAt(i) | ((i + 1 < data.length ? data.charCodeAt(i + 1) : 0) << 16),
        (i + 2 < data.length ? data.charCodeAt(i + 2) : 0) |
          ((i + 3 < data.length ? data.charCodeAt(i + 3) : 0) << 16),
        data.length,
        0x6e616d65,
        out,
      );
      k0 = out[0];
      k1 = out[1];
    }
    philox([k0, k1], data.length, 0, 0, 0x6e616d65, out);
  }
  return [out[0], out[1]];
}

/** Words 0, 1, 2, … of a key's stream: word `i` is lane `i & 3` of the block with counter `i >> 2`. */
export function randomWords(key: RngKey, count: number): Uint32Array {
  const words = new Uint32Array(count);
  const block = new Uint32Array(4);
  for (let i = 0; i < count; i += 4) {
    const counter = i / 4;
    philox(key, counter >>> 0, Math.floor(counter / 0x100000000), 0, 0, block);
    for (let lane = 0; lane < 4 && i + lane < count; lane++) words[i + lane] = block[lane];
  }
  return words;
}

/**
 * Uniform numbers in [0, 1): the upper 24 bits of each word times 2^-24. This is the definition of
 * the `randomUniform` operation, which every backend reproduces bit for bit.
 */
export function randomUniform(key: RngKey, count: number): Float32Array {
  const words = randomWords(key, count);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = (words[i] >>> 8) * 2 ** -24;
  return values;
}

/** Standard normal numbers (Box-Muller on pairs of 32-bit words), computed on the host in doubles. */
export function randomNormal(key: RngKey, count: number): Float32Array {
  const words = randomWords(key, count + (count & 1));
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log((words[i] + 1) * 2 ** -32));
    const angle = 2 * Math.PI * (words[i + 1] * 2 ** -32);
    values[i] = radius * Math.cos(angle);
    if (i + 1 < count) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}

/**
 * A bijection of 0 … size-1, chosen by `key`, evaluated one index at a time without a table: a
 * six-round Feistel network over the smallest even-bit domain, walked until it lands inside.
 * Shuffles of any size cost no memory and can be entered anywhere.
 */
export function permutation(key: RngKey, size: number): (index: number) => number {
  let half = 1;
  while (4 ** half < size) half++;
  const mask = 2 ** half - 1;
  const block = new Uint32Array(4);
  const once = (index: number): number => {
    let left = Math.floor(index / (mask + 1));
    let right = index % (mask + 1);
    for (let round = 0; round < 6; round++) {
      philox(key, right, round, 0, 0x7065726d, block);
      const next = (left ^ block[0]) & mask;
      left = right;
      right = next >>> 0;
    }
    return left * (mask + 1) + right;
  };
  return (index) => {
    let at = once(index);
    while (at >= size) at = once(at);
    return at;
  };
}
