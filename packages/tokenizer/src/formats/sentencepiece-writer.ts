import { inWords, type Piece, SPACE } from './sentencepiece-content.js';
import { BPE, UNIGRAM } from './sentencepiece-fields.js';
import { piecesOf } from './sentencepiece-pieces.js';
import { writeModelProto } from './sentencepiece-proto-writer.js';
import { type TextRules, textRulesOf } from './sentencepiece-spaces.js';
import {
  checkModelType,
  notWritable,
  sectionsOf,
  type TokenizerSections,
  type WritableTokenizer,
} from './tokenizer-sections.js';
import { checkWholeTokens } from './whole-tokens.js';

export interface ToSentencePieceOptions {
  /**
   * Needed for a tokenizer with `Metaspace` that puts `▁` only before texts that do not begin with a space, and for
   * `WhitespaceSplit`, which SentencePiece does not have. Its own way takes their place: `true` leaves out
   * spaces at both ends and one of two in a row, `false` keeps all. Texts that have only single spaces, between
   * words, give the same ids.
   */
  readonly removeExtraWhitespaces?: boolean;
}

const FORMAT = 'a SentencePiece model';

/**
 * A Unigram or character-level BPE tokenizer as a `.model` file of SentencePiece (Kudo and Richardson 2018), for
 * `sentencePieceJson` and SentencePiece itself. Scores are rounded to 32 bits. `addBos` and `addEos` are options
 * of who reads it; what is done with pairs of texts is not in it.
 *
 * @throws HeddleError `tokenizer/not-writable` for a tokenizer of another kind, without unknown token, with normalizers
 * and pre-tokenizers that SentencePiece does not have, with merges that the order of the pieces does not imply
 */
export function toSentencePiece(
  tokenizer: WritableTokenizer,
  options: ToSentencePieceOptions = {},
): Uint8Array {
  const sections = sectionsOf(tokenizer, FORMAT);
  checkModelType(sections, ['Unigram', 'BPE']);
  const rules = textRulesOf(sections, options.removeExtraWhitespaces);
  const pieces = piecesOf(sections, rules.userDefined);
  const unigram = sections.model.type === 'Unigram';
  checkWords(pieces, rules, unigram);
  if (!unigram) {
    const normal = pieces.filter(({ type }) => type === 'normal');
    const texts = normal.map(({ text }) => [text, text] as const);
    checkWholeTokens(sections, rules.userDefined.length > 0, texts, false);
  }
  return writeModelProto({
    pieces,
    modelType: unigram ? UNIGRAM : BPE,
    byteFallback: sections.model.byte_fallback === true,
    unkId: pieces.findIndex(({ type }) => type === 'unknown'),
    ...aroundText(sections, pieces),
    padId: controlNamed('<pad>', pieces),
    ...rules,
  });
}

/** Refuses words that are looked at one by one, or together, where the reader does the other, unless it is the same. */
function checkWords(pieces: readonly Piece[], rules: TextRules, unigram: boolean): void {
  const words = inWords(pieces);
  if (rules.inWords && !words) {
    throw notWritable(FORMAT, 'pre_tokenizer', 'it splits words, and a token reaches over two');
  }
  const read = unigram && rules.escapeWhitespaces && words;
  // Unknown characters of two words would be one token.
  if (read === rules.inWords || pieces.some(({ text }) => text === SPACE)) return;
  throw notWritable(FORMAT, 'model.vocab', `there is no token ${SPACE}`);
}

/** The ids of the pieces that begin and end a text. */
function aroundText(
  { postProcessor }: TokenizerSections,
  pieces: readonly Piece[],
): { bosId: number; eosId: number } {
  const layout = postProcessor?.layout(false) ?? [{ text: 'first', typeId: 0 }];
  const ids = layout.map((item) => ('text' in item ? undefined : item.specialToken));
  const at = ids.indexOf(undefined);
  const around = ids.filter((id) => id !== undefined);
  if (at > 1 || ids.length - at > 2 || ids.length - around.length !== 1) {
    const reason = 'it puts more than one special token before or behind a text';
    throw notWritable(FORMAT, 'post_processor', reason);
  }
  for (const id of around) {
    if (pieces[id]?.type === 'control') continue;
    throw notWritable(FORMAT, 'post_processor', `the token ${id} is no special one`);
  }
  return {
    bosId: ids.slice(0, at)[0] ?? controlNamed('<s>', pieces),
    eosId: ids.slice(at + 1)[0] ?? controlNamed('</s>', pieces),
  };
}

function controlNamed(name: string, pieces: readonly Piece[]): number {
  return pieces.findIndex(({ text, type }) => text === name && type === 'control');
}
