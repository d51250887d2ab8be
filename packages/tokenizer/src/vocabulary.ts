import { HeddleError } from '@heddle/core';
import type { AddedToken, Decoder, Model } from './parts.js';

/** All tokens of a tokenizer, those of the model and the added ones, and the way back from ids to text. */
export class Vocabulary {
  /** By id. */
  readonly tokens: readonly string[];
  readonly #model: Model;
  readonly #addedIds: ReadonlyMap<string, number>;
  readonly #special: ReadonlySet<number>;
  readonly #textOf: (ids: readonly number[]) => string;

  constructor(model: Model, addedTokens: readonly AddedToken[], decoder: Decoder | null) {
    const tokens: string[] = [];
    for (const [token, id] of model.vocab) tokens[id] = token;
    for (const token of addedTokens) tokens[token.id] = token.content;
    this.tokens = tokens;
    this.#model = model;
    this.#addedIds = new Map(addedTokens.map((token) => [token.content, token.id]));
    this.#special = new Set(addedTokens.filter((token) => token.special).map((token) => token.id));
    const bytesOf = decoder?.bytesOf;
    this.#textOf = bytesOf
      ? byBytes(tokens, new Set(this.#addedIds.values()), bytesOf)
      : (ids) => {
          const chain = ids.map((id) => tokens[id]);
          return decoder ? decoder.decodeChain(chain).join('') : chain.join(' ');
        };
  }

  /** One more than the largest id. */
  get size(): number {
    return this.tokens.length;
  }

  idOf(token: string): number | undefined {
    return this.#addedIds.get(token) ?? this.#model.vocab.get(token);
  }

  decode(ids: ArrayLike<number>, skipSpecialTokens: boolean): string {
    const kept: number[] = [];
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i];
      if (this.tokens[id] === undefined) throw unknownId(id, i, this.size);
      if (!(skipSpecialTokens && this.#special.has(id))) kept.push(id);
    }
    return this.#textOf(kept);
  }
}

/** Where every token stands for bytes: the text of all bytes together; what is not UTF-8 becomes U+FFFD. */
function byBytes(
  tokens: readonly string[],
  added: ReadonlySet<number>,
  bytesOf: (token: string) => Uint8Array,
): (ids: readonly number[]) => string {
  const utf8 = new TextEncoder();
  const nothing = new Uint8Array(0); // where added tokens leave a gap
  const parts = Array.from(tokens, (token: string | undefined, id) => {
    if (token === undefined) return nothing;
    return added.has(id) ? utf8.encode(token) : bytesOf(token);
  });
  const starts = new Int32Array(tokens.length + 1);
  for (const [id, own] of parts.entries()) starts[id + 1] = starts[id] + own.length;
  const all = new Uint8Array(starts[tokens.length]);
  for (const [id, own] of parts.entries()) all.set(own, starts[id]);
  return (ids) => {
    const bytes = new Uint8Array(ids.reduce((sum, id) => sum + starts[id + 1] - starts[id], 0));
    let at = 0;
    for (const id of ids)
      for (let from = starts[id]; from < starts[id + 1]; from++) bytes[at++] = all[from];
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  };
}

function unknownId(id: number, index: number, vocabSize: number): HeddleError {
  return new HeddleError(
    'tokenizer/unknown-id',
    `ids[${index}] is ${id}, but this tokenizer has the ids 0 to ${vocabSize - 1}. Decode with the tokenizer that made the ids.`,
    { id, vocabSize },
  );
}
