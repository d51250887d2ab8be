import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bundle } from '../../../tsup.base.js';

/*
 * gpu.js comes with us, as one CommonJS file beside our own: its npm package would install an old `webgpu` and
 * compile `gl`. Both are optional peers instead, and loaded when their mode is asked for.
 */

const gpujs = createRequire(import.meta.url).resolve('gpu.js');
const fromGpujs = createRequire(gpujs);

/** The licences of what the file holds, which ask to be kept with it. */
const licences = ['gpu.js', 'acorn', 'gpu-mock.js'].map((name) => {
  const path = join(dirname(fromGpujs.resolve(`${name}/package.json`)), 'LICENSE');
  return `${name}\n\n${readFileSync(path, 'utf8').trim()}`;
});

type Plugins = NonNullable<Parameters<typeof bundle>[0]>['esbuildPlugins'];

/** Our code loads the file. */
const besideUs: Plugins = [
  {
    name: 'gpu.js beside us',
    setup(build) {
      build.onResolve({ filter: /^gpu\.js$/ }, () => ({ path: './gpu.cjs', external: true }));
    },
  },
];

/** gpu.js would load `gl` at once; only its feature test needs it. */
const glWhenCalled: Plugins = [
  {
    name: 'gl when it is called',
    setup(build) {
      build.onLoad({ filter: /headless-gl[\\/]kernel\.js$/ }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        const eager = "getContext = require('gl');";
        if (!source.includes(eager)) throw new Error(`${path} loads gl in another way now`);
        return {
          contents: source.replace(eager, "getContext = (...size) => require('gl')(...size);"),
        };
      });
    },
  },
];

export default [
  bundle({ external: ['webgpu'], esbuildPlugins: besideUs, clean: ['!gpu.cjs'] }),
  bundle({
    entry: { gpu: gpujs },
    format: 'cjs',
    clean: false,
    sourcemap: false,
    splitting: false,
    noExternal: ['acorn', 'gpu-mock.js'],
    external: ['gl'],
    banner: { js: `/*\n${licences.join('\n\n').replaceAll('*/', '* /')}\n*/` },
    esbuildPlugins: glWhenCalled,
  }),
];
