import type { Json } from '@heddle/core';
import { badFile } from './bad-file.js';
import type { SpecialToken } from './content.js';
import { sentencePieceContent, unsupportedIn } from './sentencepiece-content.js';
import { readModelProto } from './sentencepiece-proto.js';

export interface SentencePieceOptions {
  /** Puts the model's begin-of-text token before a text, as Llama does. Default false. */
  readonly addBos?: boolean;
  /** Puts the model's end-of-text token behind a text, as T5 does. Default false. */
  readonly addEos?: boolean;
}

const FILE = 'SentencePiece model';

/**
 * The content of a `tokenizer.json` for a `.model` file of SentencePiece (Kudo and Richardson 2018), unigram
 * or BPE. The ids are those of SentencePiece itself.
 *
 * @throws HeddleError `bad-file`; `tokenizer/unsupported` for word and character models, white space behind
 * words, and unused pieces
 */
export function sentencePieceJson(bytes: Uint8Array, options: SentencePieceOptions = {}): Json {
  const model = readModelProto(bytes);
  const { pieces } = model;
  if (pieces.length === 0) throw badFile(FILE, 'there are no pieces');
  const seen = new Set<string>();
  for (const [id, { text }] of pieces.entries()) {
    if (seen.has(text))
      throw badFile(`${FILE}, piece ${id}`, `${JSON.stringify(text)} stands there twice`);
    seen.add(text);
  }
  if (model.modelType !== 1 && model.modelType !== 2) {
    throw unsupportedIn(FILE, `the model type ${model.modelType}`);
  }
  if (model.whitespaceAsSuffix) throw unsupportedIn(FILE, 'treat_whitespace_as_suffix');
  const special = (wanted: boolean | undefined, id: number): SpecialToken[] => {
    if (!wanted) return [];
    if (!pieces[id]) throw badFile(FILE, `there is no piece ${id}`);
    return [{ id, content: pieces[id].text }];
  };
  return sentencePieceContent(
    {
      ...model,
      algorithm: model.modelType === 1 ? 'unigram' : 'bpe',
      before: special(options.addBos, model.bosId),
      after: special(options.addEos, model.eosId),
    },
    FILE,
  );
}
