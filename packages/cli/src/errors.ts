/** Codes of errors that the command and its configuration can raise. */
export interface CliErrors {
  /** The configuration has unknown keys or wrong values. Each problem names its key. */
  'config/invalid': { file: string; problems: readonly { key: string; message: string }[] };
  /** No configuration file where one was named. */
  'config/missing': { file: string };
  /** The configuration file could not be parsed or run. */
  'config/unreadable': { file: string };
  /** A plug-in that is not installed, could not be imported, or exports no `plugin`. */
  'config/plugin': { plugin: string; file: string };
  /** Two plug-ins (or a plug-in and Heddle) offer the same name. */
  'config/duplicate-name': { kind: string; name: string; plugins: readonly string[] };
  /** A name that neither Heddle nor a plug-in offers. */
  'config/unknown-name': { kind: string; name: string; known: readonly string[] };
  /** A command needs what an earlier command makes. */
  'cli/missing-input': { path: string; madeBy: string };
  /** The command line itself is off. */
  'cli/usage': { argument: string };
}

declare module '@heddle/core' {
  interface ErrorDetails extends CliErrors {}
}
