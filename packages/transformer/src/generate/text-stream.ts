import type { Tokenizer } from '@heddle/core';

/** How many ids of the prompt give context to the first new ones (spaces, accents, joined bytes). */
const CONTEXT_IDS = 6;

/**
 * Turns ids into text as they come. A character whose bytes are spread over several tokens appears
 * once it is whole; joined, the pieces are what `decode` says of all ids. Works with any tokenizer:
 * it decodes a short window with and without the new ids and emits the difference.
 */
export class TextStream {
  readonly #tokenizer: Tokenizer;
  #window: number[];
  /** How many ids of the window are emitted already. */
  #emitted: number;

  constructor(tokenizer: Tokenizer, prompt: readonly number[]) {
    this.#tokenizer = tokenizer;
    this.#window = prompt.slice(-CONTEXT_IDS);
    this.#emitted = this.#window.length;
  }

  /** Text that became certain with this id; may be empty. */
  push(id: number): string {
    this.#window.push(id);
    const before = this.#tokenizer.decode(this.#window.slice(0, this.#emitted));
    const after = this.#tokenizer.decode(this.#window);
    if (after.length <= before.length || after.endsWith('\ufffd')) return '';
    this.#window = this.#window.slice(this.#emitted);
    this.#emitted = this.#window.length;
    return after.slice(before.length);
  }

  /** What is left, with U+FFFD for characters that stayed incomplete. */
  end(): string {
    const before = this.#tokenizer.decode(this.#window.slice(0, this.#emitted));
    const after = this.#tokenizer.decode(this.#window);
    this.#emitted = this.#window.length;
    return after.slice(before.length);
  }
}
