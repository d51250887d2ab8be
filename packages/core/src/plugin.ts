import type { Backend } from './backend.js';
import type { Document, Source, Stage } from './data.js';
import { HeddleError } from './errors.js';
import type { Metric, Task } from './evaluation.js';
import type { Awaitable, Json } from './json.js';
import type { LanguageModel } from './model.js';
import type { Tokenizer } from './tokenizer.js';
import type { Callback, Objective, Optimizer } from './training.js';

/** The version of the contracts in this package. */
export const CONTRACT = 1;

/** Makes a part from options that come from a configuration file. */
export type Factory<T> = (options: { readonly [key: string]: Json }) => Awaitable<T>;

type Named<T> = Readonly<Record<string, Factory<T>>>;

/**
 * What a plug-in package exports to be named in a configuration. Every entry is a factory; nothing
 * happens on import. Libraries do not need it: they take the values themselves.
 */
export interface Plugin {
  readonly contract: 1;
  readonly name: string;
  readonly backends?: Named<Backend>;
  readonly sources?: Named<Source<Document>>;
  readonly stages?: Named<Stage<Document, Document>>;
  readonly tokenizers?: Named<Tokenizer>;
  readonly architectures?: Named<LanguageModel>;
  readonly objectives?: Readonly<
    Record<
      string,
      (model: LanguageModel, options: { readonly [key: string]: Json }) => Objective<never>
    >
  >;
  readonly tasks?: Named<Task<never, unknown>>;
  readonly metrics?: Named<Metric<never, unknown>>;
  readonly optimizers?: Named<Optimizer>;
  readonly callbacks?: Named<Callback>;
}

/** Throws `contract-version` unless `part` was made for the contracts of this package. */
export function checkContract(part: { readonly contract: number; readonly name: string }): void {
  if (part.contract === CONTRACT) return;
  throw new HeddleError(
    'contract-version',
    `"${part.name}" was made for contract ${String(part.contract)}, this @heddle/core has contract ${CONTRACT}. ` +
      `Install versions of "${part.name}" and @heddle/core that fit each other.`,
    { plugin: part.name, given: part.contract, supported: [CONTRACT] },
  );
}
