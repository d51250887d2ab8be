import { CONTRACT, HeddleError, type Json, type Plugin } from '@heddle/core';
import { type StopBelowOptions, stopBelow } from './stop-below.js';

/** Names this callback for the `heddle` command: `pretrain: { callbacks: [{ name: 'part-name' }] }` in a configuration. */
export const plugin: Plugin = {
  contract: CONTRACT,
  name: 'plugin-name',
  callbacks: {
    'part-name': (options) => stopBelow(optionsOf(options)),
  },
};

/** Options come from a configuration, which may say anything. */
function optionsOf(options: { readonly [key: string]: Json }): StopBelowOptions {
  const { loss, times = 3, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined || typeof loss !== 'number' || typeof times !== 'number') {
    const argument = unknown ?? (typeof loss === 'number' ? 'times' : 'loss');
    const given = options[argument] ?? null;
    throw new HeddleError(
      'invalid-argument',
      `part-name: "${argument}" cannot be ${JSON.stringify(given)}. Its options are "loss" and "times", numbers.`,
      { argument, given },
    );
  }
  return { loss, times };
}
