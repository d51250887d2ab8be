import type { Program } from '../program.js';

/** The largest magnitude up to which every whole number is an f32. */
export const LARGEST_WHOLE: number = 2 ** 24;

/**
 * The end of a kernel that returns an i32 of magnitude below 2^24, and infinity for any other: a sum rounded
 * to 2^24 cannot be told from one that is that. Infinity stays in what is computed of it and is refused
 * where it is read, so that a wrong number never looks like a right one.
 */
export function whole(expression: string, program: Program): string {
  const infinity = program.number(Number.POSITIVE_INFINITY);
  return `const whole = ${expression};
if (Math.abs(whole) >= ${LARGEST_WHOLE}) { return whole * ${infinity}; }
return whole;`;
}
