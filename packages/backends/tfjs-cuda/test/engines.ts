import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../src/index.js';

const { HEDDLE_TFJS_NODE: folder } = process.env;

const has = (name: string): boolean =>
  folder !== undefined && existsSync(join(folder, 'node_modules', name));

/** Every engine, and why its tests are skipped here, if they are. */
export const ENGINES: readonly { readonly engine: Engine; readonly without?: string }[] = [
  { engine: 'wasm' },
  { engine: 'cpu' },
  {
    engine: 'tensorflow',
    ...(!has('@tensorflow/tfjs-node') &&
      !has('@tensorflow/tfjs-node-gpu') && {
        without: 'HEDDLE_TFJS_NODE names no folder with @tensorflow/tfjs-node',
      }),
  },
  {
    engine: 'webgpu',
    ...(!(has('@tensorflow/tfjs-backend-webgpu') && has('webgpu')) && {
      without: 'HEDDLE_TFJS_NODE names no folder with @tensorflow/tfjs-backend-webgpu and webgpu',
    }),
  },
];
