import type { Result } from './library.js';

/**
 * The elements of a result of the host in one array: of several axes gpu.js makes nested arrays, whose rows are
 * pieces of one buffer or arrays of their own.
 */
export function flat(result: Result, size: number): Float32Array {
  if (result instanceof Float32Array) return result;
  const rows = rowsOf(result);
  const [{ buffer, byteOffset }] = rows;
  const oneBuffer = rows.every((row) => row.buffer === buffer);
  if (oneBuffer && byteOffset + size * 4 <= buffer.byteLength) {
    return new Float32Array(buffer, byteOffset, size);
  }
  const whole = new Float32Array(size);
  let at = 0;
  for (const row of rows) {
    whole.set(row, at);
    at += row.length;
  }
  return whole;
}

function rowsOf(result: Result): Float32Array[] {
  if (result instanceof Float32Array) return [result];
  if (!Array.isArray(result))
    throw new Error('gpu.js gave a result of the device, not of the host');
  return result.flatMap(rowsOf);
}
