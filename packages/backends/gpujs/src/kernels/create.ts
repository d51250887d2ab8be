import { HeddleError, randomUniform, sizeOf } from '@heddle/core';
import { Program } from '../program.js';
import type { Computes } from './operation.js';
import { LARGEST_WHOLE } from './whole.js';

export const creations: Computes<'fill' | 'iota' | 'randomUniform'> = {
  fill: (device, { value }, _, [y]) => {
    if (y.dtype === 'i32') checkWhole('fill', value);
    const program = new Program();
    return program.run(device, [sizeOf(y.shape)], `return ${program.number(value)};`);
  },
  iota: (device, _op, _inputs, [y]) => {
    checkWhole('iota', sizeOf(y.shape) - 1);
    return new Program().run(device, [sizeOf(y.shape)], 'return this.thread.x;');
  },
  randomUniform: (device, { key }, _, [y]) => device.upload(randomUniform(key, sizeOf(y.shape))),
};

function checkWhole(op: string, value: number): void {
  if (Math.abs(value) <= LARGEST_WHOLE) return;
  throw new HeddleError(
    'device-limit',
    `gpujs: ${op} of the integer ${value}, but gpu.js keeps integers in f32, which holds them exactly only ` +
      `up to ${LARGEST_WHOLE}. Keep ids below that, or take another backend.`,
    { backend: 'gpujs', limit: 'maxInteger', asked: value, most: LARGEST_WHOLE },
  );
}
