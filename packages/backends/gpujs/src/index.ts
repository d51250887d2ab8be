export { describeGpujs, type GpujsDescription, type ModeDescription } from './describe.js';
export type { GpujsErrors } from './errors.js';
export { type GpujsBackend, type GpujsOptions, gpujs } from './gpujs.js';
export type { Mode, Obstacle } from './modes.js';
export { plugin } from './plugin.js';
