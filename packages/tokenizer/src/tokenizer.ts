import { type DecodeOptions, HeddleError, type Json, type Tokenizer } from '@heddle/core';
import {
  laidOut,
  paddedTogether,
  stretch,
  type TextEncodeOptions,
  type TextEncoding,
  type Tokens,
} from './encoding.js';
import { IdList } from './id-list.js';
import { codePointOffsets } from './offsets.js';
import { type Padding, paddingJson } from './padding.js';
import type { Decoder, LayoutItem, PostProcessor } from './parts.js';
import { plainLayout } from './post-processors/layout.js';
import { type EncoderParts, textEncoder } from './text-encoder.js';
import {
  checkTruncation,
  keptLengths,
  type Truncation,
  truncationJson,
  windowsOf,
} from './truncation.js';
import { Vocabulary } from './vocabulary.js';

/** What a tokenizer is made of. */
export interface TokenizerParts extends EncoderParts {
  readonly postProcessor: PostProcessor | null;
  readonly decoder: Decoder | null;
  /** Defaults of `encode`. */
  readonly truncation?: Required<Truncation> | null;
  readonly padding?: Padding | null;
}

/** One text, or two for models that read two. */
export type TextInput = string | readonly [string, string];

/** A `Tokenizer` with what models want beside ids: pairs, masks, one length. */
export interface TextTokenizer extends Tokenizer {
  encode(text: string, options?: TextEncodeOptions): TextEncoding;
  /** Encodings of several texts; padding to the longest means the longest of these. */
  encodeBatch(
    texts: readonly TextInput[],
    options?: Omit<TextEncodeOptions, 'pair'>,
  ): TextEncoding[];
  /**
   * Writes the ids of a text to `out` from `at` on, and returns the place after the last; nothing is truncated or padded.
   * @throws invalid-argument if they do not fit: `out` is as good as unchanged then
   */
  encodeInto(text: string, out: Int32Array, at?: number, options?: EncodeIntoOptions): number;
}

export type EncodeIntoOptions = Pick<TextEncodeOptions, 'addSpecialTokens' | 'parseSpecialTokens'>;

/** Joins parts to a tokenizer. The ids of the model and of the added tokens together have no gap. */
export function assemble(parts: TokenizerParts): TextTokenizer {
  const vocabulary = new Vocabulary(parts.model, parts.addedTokens, parts.decoder);
  const encodeText = textEncoder(parts);
  const layoutOf = (pair: boolean, addSpecialTokens: boolean): readonly LayoutItem[] => {
    const items = (parts.postProcessor?.layout ?? plainLayout)(pair);
    return addSpecialTokens ? items : items.filter((item) => 'text' in item);
  };
  const tokensOf = (text: string, options: TextEncodeOptions): Tokens => {
    const ids = new IdList(Math.ceil(text.length / 3));
    const offsets = options.offsets ? new IdList(text.length) : undefined;
    encodeText(text, options.parseSpecialTokens ?? false, ids, offsets);
    if (!offsets) return { ids: ids.toArray(), offsets: undefined };
    const tokens = { ids: ids.toArray(), offsets: offsets.toArray() };
    const tokenOf = (id: number): string => vocabulary.tokens[id];
    parts.postProcessor?.adjustOffsets?.(tokens.ids, tokens.offsets, tokenOf);
    if (!options.codePoints) return tokens;
    return { ids: tokens.ids, offsets: codePointOffsets(text, tokens.offsets) };
  };
  const unpadded = (text: string, options: TextEncodeOptions): TextEncoding => {
    const { pair, masks = false, addSpecialTokens = true } = options;
    const first = tokensOf(text, options);
    const second = pair === undefined ? undefined : tokensOf(pair, options);
    const layout = layoutOf(pair !== undefined, addSpecialTokens);
    const truncation = options.truncation ?? parts.truncation ?? false;
    if (truncation === false) return laidOut(layout, { first, second }, masks);
    return truncated(layout, first, second, truncation, masks);
  };
  const paddingOf = (options: TextEncodeOptions): Padding | false =>
    options.padding ?? parts.padding ?? false;
  let scratch = new IdList(1024);
  return {
    vocabSize: vocabulary.size,
    encode(text, options = {}) {
      const padding = paddingOf(options);
      const encoding = unpadded(text, options);
      return padding === false ? encoding : paddedTogether([encoding], padding)[0];
    },
    encodeBatch(texts, options = {}) {
      const padding = paddingOf(options);
      const encodings = texts.map((input) => {
        const [text, pair] = typeof input === 'string' ? [input] : input;
        return unpadded(text, pair === undefined ? options : { ...options, pair });
      });
      return padding === false ? encodings : paddedTogether(encodings, padding);
    },
    encodeInto(text, out, at = 0, options = {}) {
      scratch.length = 0;
      for (const item of layoutOf(false, options.addSpecialTokens ?? true)) {
        if (!('text' in item)) scratch.push(item.specialToken);
        else if (item.text === 'first') {
          encodeText(text, options.parseSpecialTokens ?? false, scratch);
        }
      }
      const { length } = scratch;
      if (at + length > out.length) throw noRoom(length, out.length - at);
      for (let i = 0; i < length; i++) out[at + i] = scratch.data[i];
      if (length > MOST_SCRATCH) scratch = new IdList(1024);
      return at + length;
    },
    decode: (ids: ArrayLike<number>, options: DecodeOptions = {}): string =>
      vocabulary.decode(ids, options.skipSpecialTokens ?? true),
    idOf: (token: string) => vocabulary.idOf(token),
    tokenOf: (id: number) => vocabulary.tokens[id],
    toJSON: () => toJson(parts),
  };
}

/** Scratch of `encodeInto` that is kept from call to call. */
const MOST_SCRATCH = 1 << 20;

function noRoom(needed: number, room: number): HeddleError {
  return new HeddleError(
    'invalid-argument',
    `encodeInto: the text has ${needed} tokens, but there is room for ${room}. Give a larger array, or less text.`,
    { argument: 'out', given: room },
  );
}

/** The first window of each text, and all others, each beside every window of the other text, as Hugging Face's library has it. */
function truncated(
  layout: readonly LayoutItem[],
  first: Tokens,
  second: Tokens | undefined,
  truncation: Truncation,
  masks: boolean,
): TextEncoding {
  checkTruncation(truncation);
  const added = layout.filter((item) => !('text' in item)).length;
  const room = truncation.maxLength - added;
  if (room < 0) {
    throw new HeddleError(
      'invalid-argument',
      `encode: a maxLength of ${truncation.maxLength} has no room for the ${added} special tokens. Take a larger one, or addSpecialTokens: false.`,
      { argument: 'maxLength', given: truncation.maxLength },
    );
  }
  const kept = keptLengths([first.ids.length, second?.ids.length], room, truncation);
  const firsts = windowsOf(first.ids.length, kept[0], truncation).map((w) => stretch(first, w));
  const seconds = second
    ? windowsOf(second.ids.length, kept[1], truncation).map((w) => stretch(second, w))
    : [undefined];
  const pairs = [
    ...firsts.slice(1).flatMap((window) => seconds.map((other) => [window, other] as const)),
    ...seconds.slice(1).map((other) => [firsts[0], other] as const),
  ];
  const finish = (a: Tokens, b: Tokens | undefined): TextEncoding =>
    laidOut(layout, { first: a, second: b }, masks);
  const main = finish(firsts[0], seconds[0]);
  return pairs.length === 0 ? main : { ...main, overflow: pairs.map(([a, b]) => finish(a, b)) };
}

function toJson(parts: TokenizerParts): Json {
  return {
    version: '1.0',
    truncation: parts.truncation ? truncationJson(parts.truncation) : null,
    padding: parts.padding ? paddingJson(parts.padding) : null,
    added_tokens: parts.addedTokens.map((token) => ({
      id: token.id,
      content: token.content,
      single_word: token.singleWord,
      lstrip: token.lstrip,
      rstrip: token.rstrip,
      normalized: token.normalized,
      special: token.special,
    })),
    normalizer: parts.normalizer?.toJSON() ?? null,
    pre_tokenizer: parts.preTokenizer?.toJSON() ?? null,
    post_processor: parts.postProcessor?.toJSON() ?? null,
    decoder: parts.decoder?.toJSON() ?? null,
    model: parts.model.toJSON(),
  };
}
