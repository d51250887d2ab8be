import { CONTRACT, HeddleError, type Plugin } from '@heddle/core';
import { typedArrays } from './backend.js';

/** Names this backend for the `heddle` command: `backend: { name: 'part-name' }` in a configuration. */
export const plugin: Plugin = {
  contract: CONTRACT,
  name: 'plugin-name',
  backends: {
    'part-name': (options) => {
      const [argument] = Object.keys(options);
      if (argument === undefined) return typedArrays();
      throw new HeddleError(
        'invalid-argument',
        `part-name: there is no option "${argument}"; this backend has none.`,
        { argument, given: options[argument] },
      );
    },
  },
};
