export { defineConfig } from './config/define.js';
export { loadConfig } from './config/load.js';
export { resolveConfig } from './config/resolve.js';
export type { HeddleConfig, ResolvedConfig } from './config/schema.js';
export type { CliErrors } from './errors.js';
