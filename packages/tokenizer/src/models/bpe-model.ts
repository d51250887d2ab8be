import type { Json } from '@heddle/core';
import { alphabetBytes } from '../byte-alphabet.js';
import type { IdList } from '../id-list.js';
import type { Model } from '../parts.js';
import { overAlphabet } from './alphabet-pieces.js';
import { byteSymbols } from './byte-symbols.js';
import { type CharacterOptions, characterSymbols, type Symbolize } from './character-symbols.js';
import { Joints } from './joints.js';
import { charactersFirst } from './merged-characters.js';
import { Merges } from './merges.js';
import { addSpan, cached, type EncodePiece } from './piece-cache.js';
import { SymbolList } from './symbol-list.js';
import { tokensById, vocabJson } from './vocab.js';
import { wellFormed } from './well-formed.js';

export interface BpeOptions extends CharacterOptions {
  /** The symbols of a piece are its UTF-8 bytes, written in the byte alphabet, or its characters. Default bytes. */
  readonly symbols?: 'bytes' | 'characters';
  /** A piece that is a token is that token, whatever the merges make of it. */
  readonly ignoreMerges?: boolean;
}

/**
 * Byte-pair encoding (Sennrich et al. 2016): a piece starts as its bytes or characters, then the merge of
 * the lowest rank is done until none is left. The ids are those of `BPE` of Hugging Face's tokenizers.
 *
 * @param vocab tokens with their ids
 * @param merges three ids each, in the order of their ranks: the tokens that stand side by side, and
 * the one that takes their place
 */
export function bpeModel(
  vocab: ReadonlyMap<string, number>,
  merges: Int32Array,
  options: BpeOptions = {},
): Model {
  const tokens = tokensById(vocab);
  const ranked = new Merges(merges);
  return {
    vocab,
    ...pieceEncoder(vocab, ranked, options),
    toJSON: (): Json => ({
      type: 'BPE',
      dropout: null,
      unk_token: options.unkToken ?? null,
      continuing_subword_prefix: options.continuingSubwordPrefix ?? null,
      end_of_word_suffix: options.endOfWordSuffix ?? null,
      fuse_unk: options.fuseUnk ?? false,
      byte_fallback: options.byteFallback ?? false,
      ignore_merges: options.ignoreMerges ?? false,
      vocab: vocabJson(vocab),
      merges: ranked.toPairs(tokens),
    }),
  };
}

function pieceEncoder(
  vocab: ReadonlyMap<string, number>,
  merges: Merges,
  options: BpeOptions,
): Pick<Model, 'encodePiece' | 'encodeUncached'> {
  const { symbols = 'bytes', ignoreMerges = false } = options;
  if (symbols === 'bytes') {
    const bytes = byteSymbols(vocab);
    // A prefix falls away in merges, so that tokens are not what they are merged of.
    const symbolize =
      bytes && !options.continuingSubwordPrefix ? charactersFirst(vocab, merges, bytes) : bytes;
    const merged = symbolize
      ? mergedPieces(symbolize, merges)
      : overAlphabet(mergedPieces(characterSymbols(vocab, options), merges));
    const encodeUncached = ignoreMerges
      ? wholeFirst(textTokens(vocab), merged, wellFormed)
      : merged;
    return { encodePiece: cached(encodeUncached), encodeUncached };
  }
  const merged = mergedPieces(characterSymbols(vocab, options), merges);
  // What a character becomes may depend on where the piece begins and ends.
  const dependsOnEnds = options.continuingSubwordPrefix || options.endOfWordSuffix;
  const encode = dependsOnEnds ? cached(merged) : inParts(new Joints(vocab.keys()), cached(merged));
  return { encodePiece: ignoreMerges ? cached(wholeFirst(vocab, encode)) : encode };
}

function inParts(joints: Joints, encodePart: EncodePiece): EncodePiece {
  return (text, start, end, out, spans) => {
    for (let at = start; at < end; ) {
      const next = joints.partEnd(text, at, end);
      encodePart(text, at, next, out, spans);
      at = next;
    }
  };
}

/** Larger scratch is given back at once. */
const KEPT_SYMBOLS = 1 << 16;

function mergedPieces(symbolize: Symbolize, merges: Merges): EncodePiece {
  let symbols = new SymbolList();
  return (text, start, end, out: IdList, spans?: IdList) => {
    symbols.length = 0;
    symbols.tracked = spans !== undefined;
    symbolize(text, start, end, symbols);
    const { ids, lasts, starts, ends } = symbols;
    const count = merges.apply(ids, lasts, symbols.length, symbols.tracked);
    out.reserve(count);
    for (let i = 0; i < count; i++) out.data[out.length++] = ids[i];
    for (let i = 0; spans && i < count; i++) {
      addSpan(spans, starts[i === 0 ? 0 : lasts[i - 1] + 1], ends[lasts[i]]);
    }
    if (ids.length > KEPT_SYMBOLS) symbols = new SymbolList();
  };
}

/**
 * Looks for the whole piece among the tokens first, which are by the text that they stand for.
 *
 * @param spelled a piece as a token has it
 */
function wholeFirst(
  tokens: ReadonlyMap<string, number>,
  encode: EncodePiece,
  spelled: (piece: string) => string = (piece) => piece,
): EncodePiece {
  const longest = longestByFirstUnit(tokens);
  return (text, start, end, out, spans) => {
    // Most long pieces are longer than any token that begins as they do.
    const maybe = end - start <= longest[text.charCodeAt(start)];
    const id = maybe ? tokens.get(spelled(text.slice(start, end))) : undefined;
    if (id === undefined) {
      encode(text, start, end, out, spans);
      return;
    }
    out.push(id);
    if (spans) addSpan(spans, start, end);
  };
}

/** By UTF-16 unit: the units of the longest token that begins with it, or with the U+FFFD that it may stand for. */
function longestByFirstUnit(tokens: ReadonlyMap<string, number>): Uint32Array {
  const longest = new Uint32Array(0x10000);
  for (const token of tokens.keys()) {
    const first = token.charCodeAt(0);
    if (token.length > longest[first]) longest[first] = token.length;
  }
  for (let unit = 0xd800; unit < 0xe000; unit++) {
    longest[unit] = Math.max(longest[unit], longest[0xfffd]);
  }
  return longest;
}

/** The tokens of a byte-level vocabulary that are text, not parts of characters. */
function textTokens(vocab: ReadonlyMap<string, number>): Map<string, number> {
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
  const tokens = new Map<string, number>();
  for (const [token, id] of vocab) {
    const bytes = alphabetBytes(token);
    try {
      if (bytes) tokens.set(utf8.decode(bytes), id);
    } catch {} // a part of a character, which no piece is
  }
  return tokens;
}
