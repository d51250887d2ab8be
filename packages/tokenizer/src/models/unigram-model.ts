import type { Json } from '@heddle/core';
import { writeUtf8 } from '../byte-alphabet.js';
import type { IdList } from '../id-list.js';
import type { Model } from '../parts.js';
import { overAlphabet } from './alphabet-pieces.js';
import { BestPath } from './best-path.js';
import { byteTokens, haveTokens } from './byte-tokens.js';
import { addSpan, cached, type EncodePiece } from './piece-cache.js';
import { noUnknownToken } from './unknown-token.js';
import { longestToken, tokensById } from './vocab.js';
import { wellFormed } from './well-formed.js';

export interface UnigramOptions {
  /** The token of what is not in the vocabulary. */
  readonly unkId: number | null;
  /** What is unknown becomes tokens `<0x00>` to `<0xFF>`, one for each byte, if the vocabulary has those. */
  readonly byteFallback?: boolean;
  /** Takes the bytes of a piece, in the byte alphabet. Default false. */
  readonly bytes?: boolean;
  /** Tokens that are never made of text, as the control symbols of SentencePiece. */
  readonly special?: ReadonlySet<string>;
}

/**
 * Unigram language model (Kudo 2018): the tokens whose log probabilities add up to the most, found by
 * Viterbi's algorithm. The ids are those of `Unigram::encode_optimized` of Hugging Face's tokenizers.
 *
 * @param scores log probability of each token, by id
 */
export function unigramModel(
  vocab: ReadonlyMap<string, number>,
  scores: Float64Array,
  options: UnigramOptions,
): Model {
  const encode = bestTokens(vocab, scores, options);
  return {
    vocab,
    encodePiece: cached(options.bytes ? overAlphabet(encode) : encode),
    toJSON: (): Json => ({
      type: 'Unigram',
      unk_id: options.unkId,
      vocab: tokensById(vocab).map((token, id) => [token, scores[id]]),
      byte_fallback: options.byteFallback ?? false,
    }),
  };
}

function bestTokens(
  vocab: ReadonlyMap<string, number>,
  scores: Float64Array,
  { unkId, byteFallback = false, special }: UnigramOptions,
): EncodePiece {
  const ofText = new Map([...vocab].filter(([token]) => !special?.has(token)));
  const path = new BestPath(ofText, scores, unkId ?? -1);
  const longest = longestToken(ofText);
  const bytesOf = byteFallback ? byteTokens(vocab) : undefined;

  /** A run of unknown characters may still be a token, whose score is worse than theirs. */
  const addUnknown = (
    run: string,
    start: number,
    end: number,
    out: IdList,
    spans?: IdList,
  ): void => {
    const token = run.length <= longest ? ofText.get(run) : undefined;
    if (token === undefined && bytesOf) {
      const bytes = new Uint8Array(run.length * 3);
      const length = writeUtf8(run, 0, run.length, bytes);
      if (haveTokens(bytesOf, bytes, length)) {
        for (let i = 0; i < length; i++) {
          out.push(bytesOf[bytes[i]]);
          if (spans) addSpan(spans, start, end);
        }
        return;
      }
    }
    out.push(token ?? (unkId as number));
    if (spans) addSpan(spans, start, end);
  };

  return (given, from, to, out, spans) => {
    const text = wellFormed(given.slice(from, to));
    if (!path.find(text)) throw noUnknownToken('model.unk_id', null);
    for (let at = 0; at < text.length; ) {
      let end = path.endOf(at);
      const id = path.idAt(end);
      if (id === unkId) {
        while (end < text.length && path.idAt(path.endOf(end)) === unkId) end = path.endOf(end);
        addUnknown(text.slice(at, end), from + at, from + end, out, spans);
      } else {
        out.push(id);
        if (spans) addSpan(spans, from + at, from + end);
      }
      at = end;
    }
  };
}
