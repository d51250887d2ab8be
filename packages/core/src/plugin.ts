import type { Backend } from './backend.js';
import type { Document, Source, Stage } from './data.js';
import { HeddleError } from './errors.js';
import type { Awaitable, Json } from './json.js';
import type { Callback } from './training.js';

/** The version of the contracts in this package. */
export const CONTRACT = 1;

/** Makes a part from options that come from a configuration file. */
export type Factory<T> = (options: { readonly [key: string]: Json }) => Awaitable<T>;

/** One thing that a machine offers a plug-in, or does not, for `heddle doctor`. */
export interface Diagnosis {
  /** What it is about, e.g. "gpujs webgpu". */
  readonly subject: string;
  readonly serves: boolean;
  /** What serves, or why it does not and what would mend it. */
  readonly detail: string;
}

type Named<T> = Readonly<Record<string, Factory<T>>>;

/**
 * What a plug-in package exports so that its parts can be named in a configuration: the kinds that the
 * command chooses by name. Every entry is a factory; nothing happens on import. Programs do not need it:
 * they take any part, also of the other contracts, as a value.
 */
export interface Plugin {
  readonly contract: 1;
  readonly name: string;
  readonly backends?: Named<Backend>;
  readonly sources?: Named<Source<Document>>;
  readonly stages?: Named<Stage<Document, Document>>;
  readonly callbacks?: Named<Callback>;
  /** What this machine offers to it; looks, and leaves nothing open. */
  readonly diagnose?: () => Awaitable<readonly Diagnosis[]>;
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
