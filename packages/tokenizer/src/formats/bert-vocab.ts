import type { Json } from '@heddle/core';
import { badFile } from './bad-file.js';
import { addedToken, type SpecialToken, template, tokenizerContent } from './content.js';
import { linesOf } from './lines.js';

export interface BertOptions {
  /** Lower case, without accents: the uncased models. Default true. */
  readonly lowercase?: boolean;
  /** Whether accents are left out; null, the default: as `lowercase` says. */
  readonly stripAccents?: boolean | null;
  /** Every Chinese character is a word. Default true. */
  readonly handleChineseChars?: boolean;
}

const FILE = 'vocab.txt';
/** The special tokens, as far as the vocabulary has them. */
export const BERT_SPECIAL: readonly string[] = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];

/**
 * The content of a `tokenizer.json` for BERT's `vocab.txt` (Devlin et al. 2018), a token on each line: the
 * tokenizer that transformers' `BertTokenizer` makes of it.
 *
 * @throws HeddleError `bad-file`
 */
export function bertJson(text: string, options: BertOptions = {}): Json {
  const vocab = new Map<string, number>();
  for (const [id, token] of linesOf(text, FILE).entries()) {
    const place = `${FILE}, line ${id + 1}`;
    if (token === '') throw badFile(place, 'is empty');
    if (vocab.has(token)) throw badFile(place, `${JSON.stringify(token)} stands there twice`);
    vocab.set(token, id);
  }
  return wordPieceContent(vocab, options);
}

/** BERT's tokenizer with this vocabulary. */
export function wordPieceContent(vocab: ReadonlyMap<string, number>, options: BertOptions): Json {
  const special = (content: string): SpecialToken => {
    const id = vocab.get(content);
    if (id === undefined) throw badFile(FILE, `there is no token ${content}`);
    return { id, content };
  };
  special('[UNK]');
  return tokenizerContent({
    addedTokens: BERT_SPECIAL.filter((token) => vocab.has(token)).map((token) =>
      addedToken(vocab.get(token) as number, token, true),
    ),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: options.handleChineseChars ?? true,
      strip_accents: options.stripAccents ?? null,
      lowercase: options.lowercase ?? true,
    },
    preTokenizer: { type: 'BertPreTokenizer' },
    postProcessor: template([special('[CLS]')], [special('[SEP]')], []),
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocab),
    },
  });
}
