import { badFile } from './bad-file.js';
import type { SpecialToken } from './content.js';
import type { GgufValue } from './gguf-reader.js';
import type { Piece, PieceType } from './sentencepiece-content.js';

const FILE = 'GGUF file';
const PREFIX = 'tokenizer.ggml.';

/** The entries `tokenizer.ggml.*` of a GGUF file, checked. */
export class GgufVocabulary {
  /** Tokens with their scores, 0 where there are none, and their types. */
  readonly pieces: readonly Piece[];
  readonly #values: ReadonlyMap<string, GgufValue>;

  constructor(values: ReadonlyMap<string, GgufValue>) {
    this.#values = values;
    this.pieces = this.#readPieces();
  }

  get model(): string | undefined {
    return this.text('model');
  }

  text(name: string): string | undefined {
    return this.#value(name, 'a text', (value) => typeof value === 'string');
  }

  flag(name: string, otherwise: boolean): boolean {
    return this.#value(name, 'true or false', (value) => typeof value === 'boolean') ?? otherwise;
  }

  texts(name: string): readonly string[] | undefined {
    return this.#value(name, 'an array of texts', (value) => isArrayOf(value, isText));
  }

  numbers(name: string): readonly number[] | undefined {
    return this.#value(name, 'an array of numbers', (value) => isArrayOf(value, isNumber));
  }

  /** The token whose id stands at `name`, with the text it has. */
  special(name: string): SpecialToken | undefined {
    const id = this.#value(name, 'an id', isNumber);
    if (id === undefined) return undefined;
    const content = this.pieces[id]?.text;
    if (content === undefined) throw badFile(placeOf(name), `there is no token ${id}`);
    return { id, content };
  }

  #value<T extends GgufValue>(
    name: string,
    what: string,
    is: (value: GgufValue) => value is T,
  ): T | undefined {
    const value = this.#values.get(PREFIX + name);
    if (value === undefined || is(value)) return value;
    throw badFile(placeOf(name), `should be ${what}`);
  }

  #readPieces(): Piece[] {
    const texts = this.texts('tokens');
    if (!texts?.length) throw badFile(placeOf('tokens'), 'there are none');
    const scores = this.numbers('scores');
    const types = this.numbers('token_type');
    for (const [name, values] of [
      ['scores', scores],
      ['token_type', types],
    ] as const) {
      if (values && values.length !== texts.length) {
        throw badFile(placeOf(name), `has ${values.length} items, for ${texts.length} tokens`);
      }
    }
    return texts.map((text, id) => {
      const score = scores?.[id] ?? 0;
      if (!Number.isFinite(score)) throw badFile(placeOf(`scores[${id}]`), 'is not finite');
      return { text, score, type: TYPES[types?.[id] ?? 1] ?? 'normal' };
    });
  }
}

function placeOf(name: string): string {
  return `${FILE}, ${PREFIX}${name}`;
}

/** The types of llama.cpp's `llama_token_type`. */
const TYPES: readonly (PieceType | undefined)[] = [
  undefined,
  'normal',
  'unknown',
  'control',
  'user-defined',
  'unused',
  'byte',
];

const isText = (value: GgufValue): value is string => typeof value === 'string';
const isNumber = (value: GgufValue): value is number => typeof value === 'number';

function isArrayOf<T extends GgufValue>(
  value: GgufValue,
  isItem: (item: GgufValue) => item is T,
): value is readonly T[] & GgufValue {
  return Array.isArray(value) && value.every(isItem);
}
