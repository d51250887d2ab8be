import type { KernelFunction } from '../library.js';

/*
 * The functions that kernels call. Those of shaders may be wrong by 2^-11 (sin), give finite numbers
 * for infinities and forget NaN; there they are written out. Comparisons alone tell what NaN is:
 * `x !== x` and `x * 0` are folded.
 */

/** Whether the expression is a number. */
export const isNumber = (x: string): string => `(${x} >= 0 || ${x} < 0)`;

const COMMON = {
  // floor(a / b) of integers: quotients of floats may be off, so what is left is divided again.
  quotientOf: `function quotientOf(a, b) {
    const q = Math.floor(a / b);
    const p = Math.floor((a - (q | 0) * b) / b);
    if (a - ((q | 0) + (p | 0)) * b >= b) { return (q | 0) + (p | 0) + 1; }
    if (a - ((q | 0) + (p | 0)) * b < 0) { return (q | 0) + (p | 0) - 1; }
    return (q | 0) + (p | 0);
  }`,
  maximumOf: `function maximumOf(a, b) {
    if (a > b) { return a; }
    if (b >= a) { return b; }
    return a + b;
  }`,
  minimumOf: `function minimumOf(a, b) {
    if (a < b) { return a; }
    if (b <= a) { return b; }
    return a + b;
  }`,
  signOf: `function signOf(x) {
    if (x > 0) { return 1; }
    if (x < 0) { return -1; }
    return x;
  }`,
  // erfc(z) for z >= 0: Abramowitz & Stegun 7.1.26.
  erfcOf: `function erfcOf(z) {
    const t = 1 / (1 + 0.3275911 * z);
    return t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp(-z * z);
  }`,
  erfOf: `function erfOf(x) {
    if (x >= 0.5) { return 1 - erfcOf(x); }
    if (x <= -0.5) { return erfcOf(-x) - 1; }
    const z = x * x;
    return x * (1.1283791671 + z * (-0.3761263890 + z * (0.1128379167 + z * (-0.0268661706 + z * (0.0052239776 - z * 0.0008548327)))));
  }`,
  // The distribution function of the standard normal, with the tail's own precision below 0.
  normalOf: `function normalOf(x) {
    if (x < -0.5) { return 0.5 * erfcOf(-0.70710678 * x); }
    return 0.5 + 0.5 * erfOf(0.70710678 * x);
  }`,
  sigmoidOf: `function sigmoidOf(x) {
    const t = expOf(-Math.abs(x));
    if (x < 0) { return t / (1 + t); }
    return 1 / (1 + t);
  }`,
  // Integers below 2^24 are exact in f32, their quotients and powers are not.
  wholeQuotientOf: `function wholeQuotientOf(a, b) {
    const n = Math.abs(a);
    const d = Math.abs(b);
    let q = Math.floor(n / d);
    if (q * d > n) { q = q - 1; }
    if ((q + 1) * d <= n) { q = q + 1; }
    if (a * b < 0) { return -q; }
    return q;
  }`,
  wholePowerOf: `function wholePowerOf(a, b) {
    if (b < 0) { return wholeQuotientOf(1, wholePowerUpOf(a, -b)); }
    return wholePowerUpOf(a, b);
  }`,
  // Only bases of magnitude 0 and 1 stay small after 25 factors, and there the exponent's parity decides.
  wholePowerUpOf: `function wholePowerUpOf(a, b) {
    let count = b;
    if (b > 25) { count = 24 + b - 2 * Math.floor(b * 0.5); }
    let power = 1;
    for (let i = 0; i < 26; i++) { if (i < count) { power = power * a; } }
    return power;
  }`,
} as const;

const EXACT = {
  expOf: 'function expOf(x) { return Math.exp(x); }',
  logOf: 'function logOf(x) { return Math.log(x); }',
  sinOf: 'function sinOf(x) { return Math.sin(x); }',
  cosOf: 'function cosOf(x) { return Math.cos(x); }',
  tanhOf: 'function tanhOf(x) { return Math.tanh(x); }',
  powerOf: 'function powerOf(a, b) { return Math.pow(a, b); }',
} as const;

const SHADERS = {
  expOf: `function expOf(x) {
    if ${isNumber('x')} { return Math.exp(x); }
    return x;
  }`,
  logOf: `function logOf(x) {
    if (x > 3.4028234e38) { return x; }
    if (x > 0) { return Math.log(x); }
    if (x < 0) { return Math.sqrt(x); }
    if (x >= 0) { return -1 / (x * x); }
    return x;
  }`,
  // Reduction by pi / 2 in three parts and polynomials, as in Cephes' sinf (Moshier 1992).
  waveOf: `function waveOf(x, quarter) {
    const k = Math.floor(x * 0.63661977 + 0.5);
    const r = ((x - k * 1.5703125) - k * 0.0004837512969970703) - k * 0.0000000754978995489188;
    const z = r * r;
    const s = r + r * z * (-0.16666654611 + z * (0.0083321608736 - z * 0.00019515295891));
    const c = 1 - 0.5 * z + z * z * (0.04166664568298827 + z * (-0.001388731625493765 + z * 0.00002443315711809948));
    const q = (k + quarter) - 4 * Math.floor((k + quarter) * 0.25);
    if (q < 0.5) { return s; }
    if (q < 1.5) { return c; }
    if (q < 2.5) { return -s; }
    return -c;
  }`,
  sinOf: 'function sinOf(x) { return waveOf(x, 0); }',
  cosOf: 'function cosOf(x) { return waveOf(x, 1); }',
  tanhOf: `function tanhOf(x) {
    const z = x * x;
    if (z < 0.0625) { return x + x * z * (-0.33333333 + z * (0.13333333 + z * (-0.053968254 + z * 0.021869489))); }
    const t = expOf(-2 * Math.abs(x));
    if (x < 0) { return (t - 1) / (1 + t); }
    return (1 - t) / (1 + t);
  }`,
  powerOf: `function powerOf(a, b) {
    if (b >= 0 && b <= 0) { return 1; }
    if (a > 0) {
      if ${isNumber('b')} { return Math.pow(a, b); }
      return b;
    }
    if (a < 0) {
      if (Math.floor(b) < b) { return Math.sqrt(a); }
      if (b - 2 * Math.floor(b * 0.5) > 0.5) { return -Math.pow(-a, b); }
      return Math.pow(-a, b);
    }
    if (a >= 0) {
      if (b < 0) { return 1 / (a * a); }
      if (b > 0) { return 0; }
      return b;
    }
    return a;
  }`,
} as const;

const functionsOf = (sources: Readonly<Record<string, string>>): Map<string, string> =>
  new Map(Object.entries(sources));

const TABLES = {
  exact: functionsOf({ ...COMMON, ...EXACT }),
  shaders: functionsOf({ ...COMMON, ...SHADERS }),
};

/** The functions that a kernel's source calls, and those that they call. */
export function functionsFor(source: string, shaders: boolean): KernelFunction[] {
  const table = shaders ? TABLES.shaders : TABLES.exact;
  const found = new Map<string, KernelFunction>();
  const visit = (text: string): void => {
    for (const [name] of text.matchAll(/\b\w+Of(?=\()/g)) {
      const own = table.get(name);
      if (own === undefined || found.has(name)) continue;
      found.set(name, typed(name, own));
      visit(own);
    }
  };
  visit(source);
  return [...found.values()];
}

function typed(name: string, source: string): KernelFunction {
  const type = name === 'quotientOf' ? 'Integer' : 'Number';
  const names = source.slice(source.indexOf('(') + 1, source.indexOf(')')).split(', ');
  const argumentTypes = Object.fromEntries(names.map((argument) => [argument, type] as const));
  return { source, settings: { argumentTypes, returnType: type } };
}
