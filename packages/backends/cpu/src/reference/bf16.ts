import type { TypedArray } from '@heddle/core';

/** Whether these are elements of bf16. */
export function isBf16(data: TypedArray): data is Uint16Array {
  return data instanceof Uint16Array;
}

/** The same numbers in f32. */
export function widened(x: Uint16Array): Float32Array {
  const bits = Uint32Array.from(x, (half) => half << 16);
  return new Float32Array(bits.buffer);
}

/** y = x to nearest even; NaN stays NaN. */
export function round(x: Float32Array, y: Uint16Array): void {
  const bits = new Uint32Array(x.buffer, x.byteOffset, x.length);
  for (let i = 0; i < x.length; i++) {
    const b = bits[i];
    y[i] = Number.isNaN(x[i]) ? (b >>> 16) | 0x40 : (b + 0x7fff + ((b >>> 16) & 1)) >>> 16;
  }
}
