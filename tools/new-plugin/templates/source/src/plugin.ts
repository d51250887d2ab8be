import { CONTRACT, HeddleError, type Json, type Plugin } from '@heddle/core';
import { type LinesOptions, lines } from './lines.js';

/** Names this source for the `heddle` command: `corpus: { source: { name: 'part-name' } }` in a configuration. */
export const plugin: Plugin = {
  contract: CONTRACT,
  name: 'plugin-name',
  sources: {
    'part-name': (options) => lines(optionsOf(options)),
  },
};

/** Options come from a configuration, which may say anything. */
function optionsOf({ file, ...others }: { readonly [key: string]: Json }): LinesOptions {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined || typeof file !== 'string') {
    const argument = unknown ?? 'file';
    const given = unknown === undefined ? (file ?? null) : others[unknown];
    throw new HeddleError(
      'invalid-argument',
      `part-name: "${argument}" cannot be ${JSON.stringify(given)}. Its one option is "file", the path of a text.`,
      { argument, given },
    );
  }
  return { file };
}
