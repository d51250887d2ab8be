import { HeddleError } from '@heddle/core';
import type { AddedToken, Decoder, Model } from './parts.js';

/** All tokens of a tokenizer, those of the model and the added ones, with the bytes they stand for. */
export class Vocabulary {
  /** By id. */
  readonly tokens: readonly string[];
  readonly #model: Model;
  readonly #addedIds: ReadonlyMap<string, number>;
  readonly #special: ReadonlySet<number>;
  /** Bytes of all tokens, one after the other, and where each begins. */
  readonly #bytes: Uint8Array;
  readonly #starts: Int32Array;

  constructor(model: Model, addedTokens: readonly AddedToken[], decoder: Decoder) {
    const tokens: string[] = [];
    for (const [token, id] of model.vocab) tokens[id] = token;
    for (const token of addedTokens) tokens[token.id] = token.content;
    this.tokens = tokens;
    this.#model = model;
    this.#addedIds = new Map(addedTokens.map((token) => [token.content, token.id]));
    this.#special = new Set(addedTokens.filter((token) => token.special).map((token) => token.id));

    const utf8 = new TextEncoder();
    const added = new Set(addedTokens.map((token) => token.id));
    const bytes = tokens.map((token, id) =>
      added.has(id) ? utf8.encode(token) : decoder.bytesOf(token),
    );
    this.#starts = new Int32Array(tokens.length + 1);
    for (const [id, own] of bytes.entries()) this.#starts[id + 1] = this.#starts[id] + own.length;
    this.#bytes = new Uint8Array(this.#starts[tokens.length]);
    for (const [id, own] of bytes.entries()) this.#bytes.set(own, this.#starts[id]);
  }

  /** One more than the largest id. */
  get size(): number {
    return this.tokens.length;
  }

  idOf(token: string): number | undefined {
    return this.#addedIds.get(token) ?? this.#model.vocab.get(token);
  }

  /** How many bytes a token stands for. */
  byteLength(id: number): number {
    return this.#starts[id + 1] - this.#starts[id];
  }

  /** The text of all bytes together; what is not UTF-8 becomes U+FFFD, as the Encoding Standard says. */
  decode(ids: ArrayLike<number>, skipSpecialTokens: boolean): string {
    const skipped = skipSpecialTokens && this.#special.size > 0 ? this.#special : undefined;
    const starts = this.#starts;
    let length = 0;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i];
      if (!(id >= 0 && id < this.size && Number.isInteger(id))) throw unknownId(id, i, this.size);
      if (!skipped?.has(id)) length += starts[id + 1] - starts[id];
    }
    const bytes = new Uint8Array(length);
    let at = 0;
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i];
      if (skipped?.has(id)) continue;
      for (let from = starts[id]; from < starts[id + 1]; from++) bytes[at++] = this.#bytes[from];
    }
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  }
}

function unknownId(id: number, index: number, vocabSize: number): HeddleError {
  return new HeddleError(
    'tokenizer/unknown-id',
    `ids[${index}] is ${id}, but this tokenizer has the ids 0 to ${vocabSize - 1}. Decode with the tokenizer that made the ids.`,
    { id, vocabSize },
  );
}
