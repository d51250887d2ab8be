import type { Json } from '@heddle/core';
import type { Model } from '../parts.js';
import { overAlphabet } from './alphabet-pieces.js';
import { addSpan, cached, type EncodePiece } from './piece-cache.js';
import { TokenTrie } from './token-trie.js';
import { noUnknownToken } from './unknown-token.js';
import { vocabJson } from './vocab.js';
import { wellFormed } from './well-formed.js';

export interface WordPieceOptions {
  readonly unkToken: string;
  /** Begins the tokens that do not begin a piece. */
  readonly continuingSubwordPrefix: string;
  /** Longer pieces are unknown. */
  readonly maxInputCharsPerWord: number;
  /** Takes the bytes of a piece, in the byte alphabet. Default false. */
  readonly bytes?: boolean;
}

/**
 * WordPiece (Schuster and Nakajima 2012, as BERT does it): the longest token that a piece begins with, then
 * the longest that the rest begins with; a piece for which that fails is unknown.
 */
export function wordPieceModel(
  vocab: ReadonlyMap<string, number>,
  options: WordPieceOptions,
): Model {
  const encode = longestFirst(vocab, options);
  return {
    vocab,
    encodePiece: cached(options.bytes ? overAlphabet(encode) : encode),
    toJSON: (): Json => ({
      type: 'WordPiece',
      unk_token: options.unkToken,
      continuing_subword_prefix: options.continuingSubwordPrefix,
      max_input_chars_per_word: options.maxInputCharsPerWord,
      vocab: vocabJson(vocab),
    }),
  };
}

function longestFirst(
  vocab: ReadonlyMap<string, number>,
  { unkToken, continuingSubwordPrefix, maxInputCharsPerWord }: WordPieceOptions,
): EncodePiece {
  const trie = new TokenTrie(vocab);
  let inside: number = TokenTrie.root;
  for (let i = 0; i < continuingSubwordPrefix.length && inside >= 0; i++) {
    inside = trie.step(inside, continuingSubwordPrefix.charCodeAt(i));
  }
  const unkId = vocab.get(unkToken);
  return (given, from, to, out, spans) => {
    const text = wellFormed(given.slice(from, to));
    const before = out.length;
    const beforeSpans = spans?.length ?? 0;
    let at = 0;
    if (!longerThan(text, maxInputCharsPerWord)) {
      while (at < text.length) {
        let node = at === 0 ? TokenTrie.root : inside;
        let id = -1;
        const start = at;
        for (let i = start; i < text.length && node >= 0; ) {
          node = trie.step(node, text.charCodeAt(i++));
          if (node < 0 || trie.tokenAt(node) < 0) continue;
          id = trie.tokenAt(node);
          at = i;
        }
        if (id < 0) break;
        out.push(id);
        if (spans) addSpan(spans, from + start, from + at);
      }
    }
    if (at === text.length) return;
    if (unkId === undefined) throw noUnknownToken('model.unk_token', unkToken);
    out.length = before;
    out.push(unkId);
    if (!spans) return;
    spans.length = beforeSpans;
    addSpan(spans, from, to);
  };
}

/** Whether a text has more than `most` characters. */
function longerThan(text: string, most: number): boolean {
  let characters = 0;
  for (let at = 0; at < text.length; characters++) {
    if (characters === most) return true;
    at += (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
  }
  return false;
}
