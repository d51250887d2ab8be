import { CONTRACT, type Plugin } from '@heddle/core';
import { describeTfjs } from './describe.js';
import { type TfjsOptions, tfjsCuda } from './tfjs-cuda.js';

/** The backend by the name `tfjs-cuda`, with the options of `tfjsCuda`. */
export const plugin: Plugin = {
  contract: CONTRACT,
  name: '@heddle/tfjs-cuda',
  backends: { 'tfjs-cuda': (options) => tfjsCuda(options as TfjsOptions) },
  diagnose: async () => {
    const { engine, what, passed } = await describeTfjs();
    return [
      { subject: `tfjs-cuda ${engine}`, serves: true, detail: `${what}: what is taken by itself` },
      ...passed.map(({ engine, reason, remedy }) => ({
        subject: `tfjs-cuda ${engine}`,
        serves: false,
        detail: `${reason}. ${remedy}`,
      })),
    ];
  },
};
