import { CLASS_RUNS } from './unicode-table.js';

/** What the split patterns tell apart: `\p{L}`, `\p{N}`, `\s` and all the rest. */
export const OTHER = 0;
export const LETTER = 1;
export const NUMBER = 2;
export const SPACE = 3;

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

let table: Uint8Array | undefined;

/**
 * The class of every code point. A table of our own, not the engine's `\p{L}` and `\s`: those change
 * with the Unicode version of the engine, and JavaScript's `\s` holds U+FEFF and lacks U+0085.
 */
export function codePointClasses(): Uint8Array {
  table ??= unpack(CLASS_RUNS);
  return table;
}

function unpack(packed: string): Uint8Array {
  const classes = new Uint8Array(0x110000);
  let point = 0;
  let value = 0;
  let shift = 0;
  for (let i = 0; i < packed.length; i++) {
    const digit = DIGITS.indexOf(packed[i]);
    value |= (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    const end = point + (value >>> 2);
    const kind = value & 3;
    if (kind !== OTHER) classes.fill(kind, point, end);
    point = end;
    value = 0;
    shift = 0;
  }
  return classes;
}
