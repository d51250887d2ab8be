/**
 * The derivative of the logarithm of the gamma function, for x > 0: recurrence up to 7, then the asymptotic series
 * (Abramowitz and Stegun 1964, 6.3.5 and 6.3.18, shifted by one half).
 */
export function digamma(x: number): number {
  let result = 0;
  let at = x;
  for (; at < 7; at++) result -= 1 / at;
  at -= 0.5;
  const inverse2 = 1 / (at * at);
  const series = 1 / 24 - inverse2 * (7 / 960 - inverse2 * (31 / 8064 - inverse2 * (127 / 30720)));
  return result + Math.log(at) + inverse2 * series;
}
