export { CpuBackend } from './backend.js';
export type { CpuErrors } from './errors.js';
export { type CpuWasmOptions, cpuWasm } from './wasm/browser.js';
