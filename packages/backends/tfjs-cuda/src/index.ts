export { describeTfjs, type TfjsDescription } from './describe.js';
export type { Engine } from './engines/names.js';
export type { Refusal } from './engines/open-engine.js';
export type { TfjsErrors } from './errors.js';
export { plugin } from './plugin.js';
export { type TfjsBackend, type TfjsOptions, tfjsCuda } from './tfjs-cuda.js';
