import { type JsonObject, objectAt } from '../json-reader.js';
import { vocabAt } from '../models/read-vocab.js';
import { type BertOptions, bertJson } from './bert-vocab.js';
import {
  checkModelOption,
  checkModelType,
  notWritable,
  sectionsOf,
  type TokenizerSections,
  tokensInOrder,
  type WritableTokenizer,
} from './tokenizer-sections.js';

const FORMAT = 'vocab.txt';

/**
 * BERT's tokenizer as a `vocab.txt`, for `bertJson` and transformers' `BertTokenizer`. The file has neither `lowercase`
 * nor `stripAccents` nor `handleChineseChars`: they are options of who reads it.
 *
 * @throws HeddleError `tokenizer/not-writable` for a tokenizer that is not BERT's in all else: its normalizer, its
 * pre-tokenizer, `[CLS]` and `[SEP]` around a text, `[UNK]`, `##`; for tokens with line ends
 */
export function toBertVocab(tokenizer: WritableTokenizer): string {
  const sections = sectionsOf(tokenizer, FORMAT);
  checkModelType(sections, ['WordPiece']);
  checkModelOption(sections, 'unk_token', ['[UNK]']);
  checkModelOption(sections, 'continuing_subword_prefix', ['##']);
  checkModelOption(sections, 'max_input_chars_per_word', [100]);
  const vocab = vocabAt(objectAt(sections.model.vocab, 'model.vocab'), 'model.vocab');
  for (const token of ['[UNK]', '[CLS]', '[SEP]']) {
    if (!vocab.has(token)) throw notWritable(FORMAT, 'model.vocab', `there is no token ${token}`);
  }
  const lines = tokensInOrder(vocab, sections).map((token) => {
    if (token !== '' && !/[\r\n]/.test(token)) return `${token}\n`;
    const reason = `${JSON.stringify(token)} is empty, or has a line end`;
    throw notWritable(FORMAT, 'model.vocab', reason);
  });
  const text = lines.join('');
  const read = bertJson(text, optionsOf(sections.normalizer[0] ?? {}));
  checkSame(sections, sectionsOf({ toJSON: () => read }, FORMAT));
  return text;
}

function optionsOf(normalizer: JsonObject): BertOptions {
  return {
    lowercase: normalizer.lowercase === true,
    stripAccents: typeof normalizer.strip_accents === 'boolean' ? normalizer.strip_accents : null,
    handleChineseChars: normalizer.handle_chinese_chars === true,
  };
}

/** Refuses sections that are others than those that the reader makes. */
function checkSame(given: TokenizerSections, read: TokenizerSections): void {
  const parts: [place: string, part: (sections: TokenizerSections) => unknown, reason: string][] = [
    ['normalizer', ({ normalizer }) => normalizer, 'it is not the BertNormalizer alone'],
    ['pre_tokenizer', ({ preTokenizer }) => preTokenizer, 'it is not the BertPreTokenizer alone'],
    ['post_processor', aroundTexts, 'it does not put [CLS] and [SEP] around a text as BERT does'],
    [
      'added_tokens',
      ({ addedTokens }) => addedTokens.map(({ id, content }) => [id, content]),
      "they are others than those of BERT's that are in the vocabulary",
    ],
  ];
  for (const [place, part, reason] of parts) {
    if (JSON.stringify(part(given)) === JSON.stringify(part(read))) continue;
    throw notWritable(FORMAT, place, reason);
  }
}

/** What stands around one text, and around two. */
function aroundTexts({ postProcessor }: TokenizerSections): unknown {
  // Key by key, since the order of the keys differs between post-processors.
  return [false, true].map((pair) =>
    postProcessor
      ?.layout(pair)
      .map((item) => [item.typeId, 'text' in item ? item.text : item.specialToken]),
  );
}
