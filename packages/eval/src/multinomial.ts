/**
 * Exact multinomial counts, in a time that does not grow with the number of draws: a bootstrap of a
 * statistic of counts needs nothing else, for a resample of n observations is a multinomial draw.
 */

/** log(k!) minus Stirling's formula without its tail; exact to 1e-12 from k = 10 on. */
function stirlingTail(k: number): number {
  if (k < TAILS.length) return TAILS[k];
  const x = k + 1;
  return (1 / 12 - (1 / 360 - 1 / 1260 / (x * x)) / (x * x)) / x;
}

const TAILS: readonly number[] = [
  0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509,
  0.0166446911898211, 0.0138761288230707, 0.0118967099458917, 0.010411265261972,
  0.00925546218271273, 0.00833056343336287,
];

/** Counts geometric waiting times; needs about n·p uniforms. */
function binomialByWaiting(n: number, p: number, uniform: () => number): number {
  const logMiss = Math.log1p(-p);
  let successes = 0;
  let trials = 0;
  for (;;) {
    trials += Math.ceil(Math.log(uniform()) / logMiss);
    if (trials > n) return successes;
    successes++;
  }
}

/** Algorithm BTRS of Hörmann (1993), "The generation of binomial random variates"; n·p >= 10, p <= 1/2. */
function binomialByRejection(n: number, p: number, uniform: () => number): number {
  const deviation = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * deviation;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const center = n * p + 0.5;
  const sure = 0.92 - 4.2 / b;
  const odds = p / (1 - p);
  const alpha = (2.83 + 5.1 / b) * deviation;
  const mode = Math.floor((n + 1) * p);
  for (;;) {
    const u = uniform() - 0.5;
    const v = uniform();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + center);
    if (k < 0 || k > n) continue;
    if (us >= 0.07 && v <= sure) return k;
    const bound =
      (mode + 0.5) * Math.log((mode + 1) / (odds * (n - mode + 1))) +
      (n + 1) * Math.log((n - mode + 1) / (n - k + 1)) +
      (k + 0.5) * Math.log((odds * (n - k + 1)) / (k + 1)) +
      stirlingTail(mode) +
      stirlingTail(n - mode) -
      stirlingTail(k) -
      stirlingTail(n - k);
    if (Math.log((v * alpha) / (a / (us * us) + b)) <= bound) return k;
  }
}

/** Successes in `n` trials of probability `p`. */
export function binomial(n: number, p: number, uniform: () => number): number {
  if (n === 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - binomial(n, 1 - p, uniform);
  return n * p < 10 ? binomialByWaiting(n, p, uniform) : binomialByRejection(n, p, uniform);
}

/** Draws as many observations as `counts` holds, with replacement, and counts them into `out`. */
export function resampleCounts(
  counts: ArrayLike<number>,
  uniform: () => number,
  out: Float64Array,
): void {
  let mass = 0;
  for (let i = 0; i < counts.length; i++) mass += counts[i];
  let draws = mass;
  for (let i = 0; i < counts.length; i++) {
    const drawn = counts[i] === 0 ? 0 : binomial(draws, counts[i] / mass, uniform);
    out[i] = drawn;
    draws -= drawn;
    mass -= counts[i];
  }
}
