import type { GpuBuffer, GpuDevice } from './library.js';

// Flags of GPUBufferUsage and GPUMapMode, which are globals in browsers only.
const MAP_READ = 0x1;
const COPY_SOURCE = 0x4;
const COPY_TARGET = 0x8;
const STORAGE = 0x80;

/** A new storage buffer with these elements; it has room for one where there are none. */
export function writeBuffer(device: GpuDevice, data: Float32Array): GpuBuffer {
  const buffer = device.createBuffer({
    size: Math.max(4, data.byteLength),
    usage: STORAGE | COPY_SOURCE | COPY_TARGET,
  });
  if (data.length > 0) device.queue.writeBuffer(buffer, 0, data);
  return buffer;
}

/** The first elements of a buffer, once all that was submitted before is done. */
export async function readBuffer(
  device: GpuDevice,
  buffer: GpuBuffer,
  size: number,
): Promise<Float32Array> {
  if (size === 0) return new Float32Array(0);
  const bytes = size * 4;
  const staging = device.createBuffer({ size: bytes, usage: MAP_READ | COPY_TARGET });
  try {
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(MAP_READ, 0, bytes);
    return new Float32Array(staging.getMappedRange(0, bytes).slice(0));
  } finally {
    staging.destroy();
  }
}
