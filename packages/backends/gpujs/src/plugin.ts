import { CONTRACT, HeddleError, type Json, nearest, type Plugin } from '@heddle/core';
import { describeGpujs } from './describe.js';
import { type GpujsOptions, gpujs } from './gpujs.js';
import type { Mode } from './modes.js';

/** For `defineConfig`: the backend `gpujs` with the options of `gpujs()`. */
export const plugin: Plugin = {
  contract: CONTRACT,
  name: '@heddle/gpujs',
  backends: {
    gpujs: (options) => {
      for (const key of Object.keys(options)) if (key !== 'mode') throw unknownOption(key, options);
      return gpujs(options as GpujsOptions);
    },
  },
  diagnose: async () => {
    const { mode: best, modes } = await describeGpujs();
    return modes.map(({ mode, obstacle }) => ({
      subject: `gpujs ${mode}`,
      serves: obstacle === undefined,
      detail: obstacle
        ? `${obstacle.reason}. ${obstacle.remedy}`
        : `${WHAT[mode]}${mode === best ? ': what is taken by itself' : ''}`,
    }));
  },
};

const WHAT: { readonly [M in Mode]: string } = {
  webgpu: 'compute shaders',
  gpu: 'fragment shaders of WebGL',
  webasm: 'WebAssembly, one thread',
  cpu: 'JavaScript, one thread, slow',
};

function unknownOption(key: string, options: Readonly<Record<string, Json>>): HeddleError {
  const hint = nearest(key, ['mode']) ? ' Did you mean "mode"?' : ' There is only "mode".';
  return new HeddleError('invalid-argument', `gpujs: there is no option "${key}".${hint}`, {
    argument: key,
    given: options[key],
  });
}
