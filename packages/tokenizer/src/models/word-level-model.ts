import type { Json } from '@heddle/core';
import type { Model } from '../parts.js';
import { overAlphabet } from './alphabet-pieces.js';
import { addSpan, cached, type EncodePiece } from './piece-cache.js';
import { noUnknownToken } from './unknown-token.js';
import { longestToken, vocabJson } from './vocab.js';
import { wellFormed } from './well-formed.js';

export interface WordLevelOptions {
  readonly unkToken: string;
  /** Takes the bytes of a piece, in the byte alphabet. Default false. */
  readonly bytes?: boolean;
}

/** Every piece is one token. */
export function wordLevelModel(
  vocab: ReadonlyMap<string, number>,
  { unkToken, bytes = false }: WordLevelOptions,
): Model {
  const unkId = vocab.get(unkToken);
  const longest = longestToken(vocab);
  const encode: EncodePiece = (text, start, end, out, spans) => {
    if (start === end) return;
    const id =
      end - start > longest ? unkId : (vocab.get(wellFormed(text.slice(start, end))) ?? unkId);
    if (id === undefined) throw noUnknownToken('model.unk_token', unkToken);
    out.push(id);
    if (spans) addSpan(spans, start, end);
  };
  return {
    vocab,
    encodePiece: cached(bytes ? overAlphabet(encode) : encode),
    toJSON: (): Json => ({ type: 'WordLevel', vocab: vocabJson(vocab), unk_token: unkToken }),
  };
}
