/** The codes that chat templates add to `HeddleError`. Lines count from 1. */
export interface ChatErrors {
  /** A template that is no template, or that fails on these messages. */
  'tokenizer/bad-template': { line: number; reason: string };
  /** The template itself refuses the messages, by `raise_exception`. */
  'tokenizer/template-refused': { line: number; reason: string };
  /** A template that takes too long or makes too much. */
  'tokenizer/template-limit': { line: number; limit: string };
  /** A configuration without the template that was asked for. */
  'tokenizer/no-template': { name: string; names: readonly string[] };
  /** The template does not tell which text the assistant wrote. */
  'tokenizer/no-assistant-mask': { message: number };
}

declare module '@heddle/core' {
  interface ErrorDetails extends ChatErrors {}
}
