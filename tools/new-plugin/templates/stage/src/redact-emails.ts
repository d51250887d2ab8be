import type { Document, Stage } from '@heddle/core';

export interface RedactEmailsOptions {
  /** What stands in the place of an address. Default `<email>`. */
  readonly replacement?: string;
}

/** Letters, digits and . _ % + - before the @; a domain of at least two labels after it. */
const ADDRESS = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu;

/** Replaces e-mail addresses, so that no model learns them. Documents and cursors pass through one by one. */
export function redactEmails(options: RedactEmailsOptions = {}): Stage<Document, Document> {
  const { replacement = '<email>' } = options;
  return async function* (items) {
    for await (const { value, cursor } of items) {
      const text = value.text.replaceAll(ADDRESS, () => replacement);
      yield { value: { ...value, text }, cursor };
    }
  };
}
