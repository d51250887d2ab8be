/** The error function by its series and, far out, its continued fraction (Abramowitz & Stegun 7.1.5, 7.1.14). */
export function erf(x: number): number {
  const far = Math.abs(x);
  if (!(far < 6)) return Number.isNaN(x) ? x : Math.sign(x);
  return far < 2.5 ? series(x) : Math.sign(x) * (1 - tail(far));
}

function series(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** 1 - erf(x) for x well above 0. */
function tail(x: number): number {
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}
