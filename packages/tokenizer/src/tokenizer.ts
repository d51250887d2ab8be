import type { DecodeOptions, EncodeOptions, Encoding, Json, Tokenizer } from '@heddle/core';
import { splitByTokens } from './added-tokens.js';
import { IdList } from './id-list.js';
import { OffsetList } from './offsets.js';
import type { AddedToken, Decoder, Model, PostProcessor, PreTokenizer } from './parts.js';
import { Vocabulary } from './vocabulary.js';

/** What a tokenizer is made of. */
export interface TokenizerParts {
  readonly addedTokens: readonly AddedToken[];
  readonly preTokenizer: PreTokenizer;
  readonly model: Model;
  readonly postProcessor: PostProcessor | null;
  readonly decoder: Decoder;
}

/** Joins parts to a tokenizer. The ids of the model and of the added tokens together have no gap. */
export function assemble(parts: TokenizerParts): Tokenizer {
  const vocabulary = new Vocabulary(parts.model, parts.addedTokens, parts.decoder);
  const encodeIds = idEncoder(parts);
  return {
    vocabSize: vocabulary.size,
    encode(text: string, options: EncodeOptions = {}): Encoding {
      const parseSpecialTokens = options.parseSpecialTokens ?? false;
      if (!options.offsets) return { ids: encodeIds(text, parseSpecialTokens) };
      const list = new OffsetList(text.length / 2, (id) => vocabulary.byteLength(id));
      const ids = encodeIds(text, parseSpecialTokens, list);
      const offsets = list.toArray();
      parts.postProcessor?.adjustOffsets(ids, offsets, (id) => vocabulary.tokens[id]);
      return { ids, offsets };
    },
    decode: (ids: ArrayLike<number>, options: DecodeOptions = {}): string =>
      vocabulary.decode(ids, options.skipSpecialTokens ?? true),
    idOf: (token: string) => vocabulary.idOf(token),
    tokenOf: (id: number) => vocabulary.tokens[id],
    toJSON: () => toJson(parts),
  };
}

type IdEncoder = (text: string, parseSpecialTokens: boolean, offsets?: OffsetList) => Int32Array;

function idEncoder({ addedTokens, preTokenizer, model }: TokenizerParts): IdEncoder {
  const split = splitByTokens(addedTokens);
  const { pieceEnd, addPrefixSpace } = preTokenizer;
  return (text, parseSpecialTokens, offsets) => {
    const out = new IdList(Math.ceil(text.length / 3));
    /** Encodes `source` from `start` on; `source[i]` lies at `i + shift` of the text, which begins at `textStart`. */
    const encodeText = (
      source: string,
      start: number,
      end: number,
      shift: number,
      textStart: number,
    ): void => {
      for (let at = start; at < end; ) {
        const next = pieceEnd(source, at, end);
        const from = out.length;
        model.encodePiece(source, at, next, out);
        offsets?.addPiece(source, at, out, from, shift, textStart);
        at = next;
      }
    };
    split(
      text,
      parseSpecialTokens,
      (start, end) => {
        if (addPrefixSpace && text.charCodeAt(start) !== 0x20) {
          encodeText(` ${text.slice(start, end)}`, 0, end - start + 1, start - 1, start);
        } else {
          encodeText(text, start, end, 0, start);
        }
      },
      (token, start, end) => {
        out.push(token.id);
        offsets?.add(start, end);
      },
    );
    return out.toArray();
  };
}

function toJson(parts: TokenizerParts): Json {
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: parts.addedTokens.map(({ id, content, normalized, special }) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized,
      special,
    })),
    normalizer: null,
    pre_tokenizer: parts.preTokenizer.toJSON(),
    post_processor: parts.postProcessor?.toJSON() ?? null,
    decoder: parts.decoder.toJSON(),
    model: parts.model.toJSON(),
  };
}
