import type { Numbers } from './memory.js';

/** log sum e^x of the n numbers from `at` on; -Infinity if all are that. */
export function logSumExp(x: Numbers, at: number, n: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = at; i < at + n; i++) if (x[i] > largest) largest = x[i];
  if (largest === Number.NEGATIVE_INFINITY) largest = 0;
  let sum = 0;
  for (let i = at; i < at + n; i++) sum += Math.exp(x[i] - largest);
  return largest + Math.log(sum);
}

/** The n numbers from `at` on become e^(x - logSumExp): 0 if all are -Infinity. */
export function softmaxInPlace(x: Numbers, at: number, n: number, lse: number): void {
  const shift = lse === Number.NEGATIVE_INFINITY ? 0 : lse;
  for (let i = at; i < at + n; i++) x[i] = Math.exp(x[i] - shift);
}
