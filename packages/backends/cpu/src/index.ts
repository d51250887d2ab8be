export { CpuBackend } from './backend.js';
export { type CpuDescription, type CpuOptions, cpu, describeCpu } from './cpu.js';
export type { CpuErrors } from './errors.js';
