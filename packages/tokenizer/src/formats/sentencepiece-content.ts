import { HeddleError, type Json } from '@heddle/core';
import { toBase64 } from './base64.js';
import { addedToken, type SpecialToken, sequence, template, tokenizerContent } from './content.js';
import { mergesOfTokens } from './merges-of-tokens.js';

/** What a SentencePiece vocabulary says, wherever it stands. */
export interface SentencePieces {
  readonly algorithm: 'unigram' | 'bpe';
  /** By id. */
  readonly pieces: readonly Piece[];
  readonly byteFallback: boolean;
  /** The rules of a `Precompiled` normalizer. */
  readonly charsmap?: Uint8Array;
  readonly addDummyPrefix: boolean;
  readonly removeExtraWhitespaces: boolean;
  readonly escapeWhitespaces: boolean;
  /** Special tokens around a text. */
  readonly before: readonly SpecialToken[];
  readonly after: readonly SpecialToken[];
}

export interface Piece {
  readonly text: string;
  readonly score: number;
  readonly type: PieceType;
}

export type PieceType = 'normal' | 'unknown' | 'control' | 'user-defined' | 'unused' | 'byte';

/** Stands for a space. */
export const SPACE = '▁';
/** Characters of the longest piece that merges lead to; training makes at most 16 by default. */
export const LONGEST_PIECE = 512;

/** The tokenizer that gives the ids of SentencePiece (Kudo and Richardson 2018), as transformers converts it. */
export function sentencePieceContent(spec: SentencePieces, file: string): Json {
  const userDefined = spec.pieces.filter(({ type }) => type === 'user-defined');
  const unused = spec.pieces.find(({ type }) => type === 'unused');
  if (unused) throw unsupportedIn(file, `the unused piece ${JSON.stringify(unused.text)}`);
  return tokenizerContent({
    addedTokens: spec.pieces.flatMap(({ text, type }, id) =>
      type === 'control' || type === 'unknown' ? [addedToken(id, text, true)] : [],
    ),
    normalizer: sequence('normalizers', normalizersOf(spec)),
    preTokenizer: sequence('pretokenizers', preTokenizersOf(spec, userDefined)),
    postProcessor: template(spec.before, spec.after),
    decoder: sequence('decoders', decodersOf(spec)),
    model: spec.algorithm === 'unigram' ? unigramOf(spec) : bpeOf(spec, userDefined.length > 0),
  });
}

export function unsupportedIn(file: string, what: string): HeddleError<'tokenizer/unsupported'> {
  return new HeddleError('tokenizer/unsupported', `${file}: ${what} is not supported.`, {
    place: file,
    given: what,
  });
}

/** In SentencePiece's order. Only spaces count as white space here. */
function normalizersOf(spec: SentencePieces): Json[] {
  const steps = spaceSteps(spec);
  if (!spec.charsmap || spec.charsmap.length === 0) return steps;
  return [{ type: 'Precompiled', precompiled_charsmap: toBase64(spec.charsmap) }, ...steps];
}

/** What is done with the spaces of a text. */
export type SpaceRules = Pick<
  SentencePieces,
  'addDummyPrefix' | 'removeExtraWhitespaces' | 'escapeWhitespaces'
>;

export function spaceSteps(rules: SpaceRules): Json[] {
  const replace = (pattern: Json, content: string): Json => ({ type: 'Replace', pattern, content });
  const space = rules.escapeWhitespaces ? SPACE : ' ';
  const steps: Json[] = [];
  if (rules.removeExtraWhitespaces) {
    // A ▁ of the text is no space, but falls away with those at the end.
    const ending = rules.escapeWhitespaces ? `[ ${SPACE}]` : ' ';
    steps.push(replace({ Regex: `\\A +|${ending}+\\z` }, ''), replace({ Regex: ' {2,}' }, ' '));
  }
  if (rules.escapeWhitespaces) steps.push(replace({ String: ' ' }, SPACE));
  if (rules.addDummyPrefix) steps.push({ type: 'Prepend', prepend: space });
  return steps;
}

function preTokenizersOf(spec: SentencePieces, userDefined: readonly Piece[]): Json[] {
  const steps: Json[] = [];
  if (userDefined.length > 0) steps.push(piecesCutOut(userDefined.map(({ text }) => text)));
  if (spec.algorithm === 'unigram' && spec.escapeWhitespaces && inWords(spec.pieces)) {
    steps.push({ type: 'Metaspace', replacement: SPACE, prepend_scheme: 'never', split: true });
  }
  return steps;
}

/** The step that cuts these pieces out of a text, the longest first. */
export function piecesCutOut(texts: readonly string[]): Json {
  const regex = [...texts]
    .sort((a, b) => b.length - a.length)
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|&~#\-\s]/g, '\\$&'))
    .join('|');
  return { type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false };
}

/** Whether no piece reaches over the start of a word, so that words can be looked at one by one. */
export function inWords(pieces: readonly Piece[]): boolean {
  return pieces.every(({ text, type }) => type !== 'normal' || !text.includes(SPACE, 1));
}

function decodersOf(spec: SentencePieces): Json[] {
  const steps: Json[] = [{ type: 'Replace', pattern: { String: SPACE }, content: ' ' }];
  if (spec.byteFallback) steps.push({ type: 'ByteFallback' });
  if (spec.byteFallback || spec.addDummyPrefix) steps.push({ type: 'Fuse' });
  if (spec.addDummyPrefix) steps.push({ type: 'Strip', content: ' ', start: 1, stop: 0 });
  return steps;
}

function unknownOf({ pieces }: SentencePieces): number {
  return pieces.findIndex(({ type }) => type === 'unknown');
}

function unigramOf(spec: SentencePieces): Json {
  const unkId = unknownOf(spec);
  return {
    type: 'Unigram',
    unk_id: unkId < 0 ? null : unkId,
    vocab: spec.pieces.map(({ text, score }) => [text, score]),
    byte_fallback: spec.byteFallback,
  };
}

/** Any two neighbours merge that together are a normal piece, the one of the highest score first. */
function bpeOf(spec: SentencePieces, ignoreMerges: boolean): Json {
  const normal = spec.pieces.filter(({ type }) => type === 'normal');
  const ranks = new Map(normal.map(({ text, score }) => [text, -score]));
  return {
    type: 'BPE',
    dropout: null,
    unk_token: spec.pieces[unknownOf(spec)]?.text ?? null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: true,
    byte_fallback: spec.byteFallback,
    ignore_merges: ignoreMerges,
    vocab: Object.fromEntries(spec.pieces.map(({ text }, id) => [text, id])),
    merges: mergesOfTokens(ranks, LONGEST_PIECE),
  };
}
