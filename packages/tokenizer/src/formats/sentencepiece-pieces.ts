import { arrayAt, objectAt, stringAt } from '../json-reader.js';
import { byteTokens } from '../models/byte-tokens.js';
import { vocabAt } from '../models/read-vocab.js';
import { tokensById } from '../models/vocab.js';
import { checkImplied, type Merge, mergesOf } from './implied-merges.js';
import { LONGEST_PIECE, type Piece, type PieceType } from './sentencepiece-content.js';
import { checkModelOption, notWritable, type TokenizerSections } from './tokenizer-sections.js';

/** The pieces of a SentencePiece model, by id, for a Unigram or a BPE tokenizer. */
export function piecesOf(sections: TokenizerSections, userDefined: readonly string[]): Piece[] {
  const unigram = sections.model.type === 'Unigram';
  const scores = unigram ? unigramScores(sections) : undefined;
  const vocab = scores
    ? new Map([...scores.keys()].map((token, id) => [token, id]))
    : vocabAt(objectAt(sections.model.vocab, 'model.vocab'), 'model.vocab');
  const unknown = unigram
    ? [...vocab.keys()][Number(sections.model.unk_id ?? -1)]
    : sections.model.unk_token;
  const types = typesOf(sections, vocab, unknown, userDefined);
  const pieceScores = scores ?? bpeScores(sections, vocab, types);
  // An id without a token in the vocabulary is that of an added one.
  const tokens = new Map([...vocab].map(([token, id]) => [id, token]));
  for (const [index, { id, content }] of sections.addedTokens.entries()) {
    if (!unigram && !vocab.has(content)) checkNewPiece(content, `added_tokens[${index}]`, sections);
    tokens.set(id, content);
  }
  return Array.from({ length: Math.max(...tokens.keys()) + 1 }, (_, id) => {
    const text = tokens.get(id);
    if (text === undefined) {
      throw notWritable(sections.format, 'added_tokens', `no token has the id ${id}`);
    }
    // sentencepiece itself refuses pieces with a NUL.
    if (text === '' || /[\0\p{Surrogate}]/u.test(text)) {
      const reason = `${JSON.stringify(text)} is empty, has a NUL, or is not Unicode text`;
      throw notWritable(sections.format, 'model.vocab', reason);
    }
    // The score of a token that no text becomes counts only where it is the lowest.
    const score = pieceScores.get(text) ?? pieceScores.get(String(unknown)) ?? 0;
    return { text, score, type: types.get(text) ?? 'normal' };
  });
}

/** Refuses a special token that is a piece in the file, and no token of the BPE model, if that would make it of text. */
function checkNewPiece(token: string, place: string, { model, format }: TokenizerSections): void {
  if ([...token].length > 1 && !model.ignore_merges) return;
  const reason = `${JSON.stringify(token)} is not in model.vocab, and would be made of text there`;
  throw notWritable(format, place, reason);
}

/** Scores as the file has them, in 32 bits. */
function unigramScores({ model, format }: TokenizerSections): Map<string, number> {
  const scores = new Map<string, number>();
  for (const [id, entry] of arrayAt(model.vocab, 'model.vocab').entries()) {
    const place = `model.vocab[${id}]`;
    const [token, score] = arrayAt(entry, place);
    const rounded = Math.fround(Number(score));
    if (!Number.isFinite(rounded)) {
      throw notWritable(format, place, `the score ${score} is not finite in 32 bits`);
    }
    scores.set(stringAt(token, place), rounded);
  }
  return scores;
}

/** The types of all pieces that are not normal ones. */
function typesOf(
  { model, addedTokens, format }: TokenizerSections,
  vocab: ReadonlyMap<string, number>,
  unknown: unknown,
  userDefined: readonly string[],
): Map<string, PieceType> {
  const types = new Map<string, PieceType>();
  if (model.byte_fallback) {
    const tokens = tokensById(vocab);
    for (const [byte, id] of byteTokens(vocab).entries()) {
      if (id < 0) throw notWritable(format, 'model.byte_fallback', `the byte ${byte} has no token`);
      types.set(tokens[id], 'byte');
    }
  }
  for (const text of userDefined) {
    if (!vocab.has(text)) {
      const reason = `it cuts out ${JSON.stringify(text)}, which is no token`;
      throw notWritable(format, 'pre_tokenizer', reason);
    }
    types.set(text, 'user-defined');
  }
  for (const [index, { content }] of addedTokens.entries()) {
    if (types.has(content)) {
      const reason = `${JSON.stringify(content)} is special, and made of text`;
      throw notWritable(format, `added_tokens[${index}]`, reason);
    }
    types.set(content, 'control');
  }
  if (typeof unknown !== 'string') {
    throw notWritable(format, 'model', 'there is no unknown token, and it has to have one');
  }
  if (types.get(unknown) !== 'control') {
    const reason = `the unknown token ${JSON.stringify(unknown)} is not among them`;
    throw notWritable(format, 'added_tokens', reason);
  }
  return types.set(unknown, 'unknown');
}

/** The first merge has the highest score; what no merge makes comes behind. */
function bpeScores(
  sections: TokenizerSections,
  vocab: ReadonlyMap<string, number>,
  types: ReadonlyMap<string, PieceType>,
): Map<string, number> {
  checkModelOption(sections, 'continuing_subword_prefix', [null, '']);
  checkModelOption(sections, 'end_of_word_suffix', [null, '']);
  // With a token for every byte nothing is unknown.
  if (!sections.model.byte_fallback) checkModelOption(sections, 'fuse_unk', [true]);
  const merges = mergesOf(sections.model);
  const ranks = ranksOf(merges, vocab, types);
  checkImplied(merges, ranks, LONGEST_PIECE, sections.format);
  return new Map(Array.from(vocab.keys(), (token) => [token, 0 - (ranks.get(token) ?? 0)]));
}

function ranksOf(
  merges: readonly Merge[],
  vocab: ReadonlyMap<string, number>,
  types: ReadonlyMap<string, PieceType>,
): Map<string, number> {
  const merged = merges.map((merge) => merge.join(''));
  const rest = [...vocab].sort((a, b) => a[1] - b[1]).map(([token]) => token);
  const ordered = new Set([...merged, ...rest].filter((token) => !types.has(token)));
  return new Map(Array.from(ordered, (token, rank) => [token, rank]));
}
