import {
  type DecodeOptions,
  type EncodeOptions,
  type Encoding,
  HeddleError,
  type Json,
  type Tokenizer,
} from '@heddle/core';

/** The special token: ends every encoded text, unless told otherwise. */
export const END_OF_TEXT = '<|endoftext|>';

const END_ID = 256;
const TYPE = 'part-name';

/** A token a byte of UTF-8, and an end of text: no training, no unknown words. */
export function byteTokenizer(): Tokenizer {
  return {
    vocabSize: END_ID + 1,
    encode,
    decode,
    idOf: (token) => IDS.get(token),
    tokenOf: (id) => TOKENS[id],
    toJSON: () => ({ type: TYPE }),
  };
}

/** The tokenizer that `toJSON` described. */
export function byteTokenizerFromJson(json: Json): Tokenizer {
  if (typeof json === 'object' && json !== null && 'type' in json && json.type === TYPE) {
    return byteTokenizer();
  }
  throw new HeddleError(
    'invalid-argument',
    `This JSON is not of a tokenizer of type "${TYPE}". Give what its toJSON() returned.`,
    { argument: 'json', given: json },
  );
}

/** By id: `<0x00>` to `<0xFF>`, then the special token. */
const TOKENS: readonly string[] = [
  ...Array.from({ length: 256 }, (_, byte) => {
    return `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
  }),
  END_OF_TEXT,
];

const IDS: ReadonlyMap<string, number> = new Map(TOKENS.map((token, id) => [token, id]));

function encode(text: string, options: EncodeOptions = {}): Encoding {
  const { addSpecialTokens = true, parseSpecialTokens = false } = options;
  const ids: number[] = [];
  const offsets: number[] = [];
  let at = 0;
  const push = (id: number, width: number): void => {
    ids.push(id);
    offsets.push(at, at + width);
  };
  const pushEnd = (width: number): void => {
    push(END_ID, width);
    at += width;
  };
  const encoder = new TextEncoder();
  const parts = parseSpecialTokens ? text.split(END_OF_TEXT) : [text];
  parts.forEach((part, i) => {
    if (i > 0) pushEnd(END_OF_TEXT.length);
    for (const character of part) {
      for (const byte of encoder.encode(character)) push(byte, character.length);
      at += character.length;
    }
  });
  if (addSpecialTokens) pushEnd(0);
  return {
    ids: Int32Array.from(ids),
    ...(options.offsets && { offsets: Int32Array.from(offsets) }),
  };
}

function decode(ids: ArrayLike<number>, options: DecodeOptions = {}): string {
  const { skipSpecialTokens = true } = options;
  const end = skipSpecialTokens ? [] : new TextEncoder().encode(END_OF_TEXT);
  const bytes = Array.from(ids).flatMap((id) => {
    if (TOKENS[id] === undefined) throw unknownId(id);
    return id === END_ID ? [...end] : [id];
  });
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes));
}

function unknownId(id: number): HeddleError {
  return new HeddleError(
    'invalid-argument',
    `${id} is not an id of this tokenizer; those are 0 to ${END_ID}. Decode what it encoded.`,
    { argument: 'ids', given: String(id) },
  );
}
