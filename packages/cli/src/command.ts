import type { Json } from '@heddle/core';
import type { ResolvedConfig } from './config/schema.js';
import type { Reporter } from './terminal/reporter.js';

/** What every command gets. */
export interface CommandContext {
  readonly config: ResolvedConfig;
  /** The configuration as it was written, with `--set` applied, before defaults. */
  readonly given: unknown;
  readonly reporter: Reporter;
  /** Aborted by Ctrl-C: long work saves what it has and ends. */
  readonly signal: AbortSignal;
}

/** What a command found or made: for people, and (with --json) for machines. */
export interface CommandResult {
  readonly text: string;
  readonly json: { readonly [key: string]: Json };
  /** Whether what was looked for did not hold: the exit code is 1 then. */
  readonly failed?: boolean;
}
