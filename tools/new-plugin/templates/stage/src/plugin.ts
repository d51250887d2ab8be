import { CONTRACT, HeddleError, type Json, type Plugin } from '@heddle/core';
import { type RedactEmailsOptions, redactEmails } from './redact-emails.js';

/** Names this stage for the `heddle` command: `corpus: { stages: [{ name: 'part-name' }] }` in a configuration. */
export const plugin: Plugin = {
  contract: CONTRACT,
  name: 'plugin-name',
  stages: {
    'part-name': (options) => redactEmails(optionsOf(options)),
  },
};

/** Options come from a configuration, which may say anything. */
function optionsOf(options: { readonly [key: string]: Json }): RedactEmailsOptions {
  const { replacement = '<email>', ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined || typeof replacement !== 'string') {
    const argument = unknown ?? 'replacement';
    const given = unknown === undefined ? replacement : others[unknown];
    throw new HeddleError(
      'invalid-argument',
      `part-name: "${argument}" cannot be ${JSON.stringify(given)}. Its one option is "replacement", a text.`,
      { argument, given },
    );
  }
  return { replacement };
}
