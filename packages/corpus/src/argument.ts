import { HeddleError, type Json } from '@heddle/core';

/** Throws `invalid-argument` unless `given` is an integer from `least` to `most`. */
export function requireInteger(
  argument: string,
  given: number,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): void {
  if (Number.isSafeInteger(given) && given >= least && given <= most) return;
  const range = most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `from ${least} to ${most}`;
  refuse(argument, given, `be an integer, ${range}`);
}

/** Throws `invalid-argument` unless `given` is a number from `least` to `most` (NaN never is). */
export function requireNumber(argument: string, given: number, least: number, most: number): void {
  if (given >= least && given <= most) return;
  refuse(argument, given, `be a number from ${least} to ${most}`);
}

/** Throws `invalid-argument`: `argument` must `must`. */
export function refuse(argument: string, given: Json, must: string): never {
  // JSON has no NaN or Infinity, so those travel as text.
  const shown = typeof given === 'number' && !Number.isFinite(given) ? String(given) : given;
  throw new HeddleError(
    'invalid-argument',
    `"${argument}" must ${must}; given: ${typeof shown === 'string' ? shown : JSON.stringify(shown)}.`,
    { argument, given: shown },
  );
}
