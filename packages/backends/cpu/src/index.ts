export { CpuBackend } from './backend.js';
export { type CpuOptions, cpu } from './cpu.js';
