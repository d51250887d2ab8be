/** What tfjs can compute on. */
export type Engine = 'tensorflow' | 'webgpu' | 'wasm' | 'cpu';

export const ENGINES: readonly Engine[] = ['tensorflow', 'webgpu', 'wasm', 'cpu'];

/** The version of tfjs that this package is written for; all its packages have the same. */
export const TFJS_VERSION = '4.22';
