import { HeddleError, type Tokenizer } from '@heddle/core';
import { addedTokensAt } from '../added-tokens-json.js';
import { arrayAt, type JsonObject, objectAt } from '../json-reader.js';
import { tokensById } from '../models/vocab.js';
import type { AddedToken, PostProcessor } from '../parts.js';
import { postProcessorAt } from '../post-processors/read.js';
import { tokenizerFromJson } from '../tokenizer-json.js';

/** What is written in another format: of a tokenizer only its `tokenizer.json`. */
export type WritableTokenizer = Pick<Tokenizer, 'toJSON'>;

/** The sections of a tokenizer that is to be written; steps in sequences stand one after the other. */
export interface TokenizerSections {
  /** The format to be written, for errors. */
  readonly format: string;
  /** By id. */
  readonly addedTokens: readonly AddedToken[];
  readonly normalizer: readonly JsonObject[];
  readonly preTokenizer: readonly JsonObject[];
  readonly postProcessor: PostProcessor | null;
  readonly model: JsonObject;
}

/** The sections of a tokenizer, checked for what no format but `tokenizer.json` holds. */
export function sectionsOf(tokenizer: WritableTokenizer, format: string): TokenizerSections {
  // Read and written again, so that all keys are there, in one order.
  const json = objectAt(tokenizerFromJson(tokenizer.toJSON()).toJSON(), 'the file');
  for (const section of ['truncation', 'padding']) {
    if (json[section] !== null) throw notWritable(format, section, 'ids would be cut or filled up');
  }
  const normalizer = stepsOf(json.normalizer, 'normalizers');
  const addedTokens = addedTokensAt(arrayAt(json.added_tokens, 'added_tokens'));
  for (const [index, token] of addedTokens.entries()) {
    const { content, special, lstrip, rstrip, singleWord, normalized } = token;
    const refuse = (what: string): HeddleError =>
      notWritable(format, `added_tokens[${index}]`, `${JSON.stringify(content)} ${what}`);
    if (!special) throw refuse('is read in every text, and no special token');
    if (lstrip || rstrip) throw refuse('takes the white space beside it along');
    if (singleWord) throw refuse('is not found inside of a word');
    if (normalized && normalizer.length > 0) throw refuse('is looked for in the normalized text');
  }
  return {
    format,
    addedTokens: addedTokens.sort((a, b) => a.id - b.id),
    normalizer,
    preTokenizer: stepsOf(json.pre_tokenizer, 'pretokenizers'),
    postProcessor:
      json.post_processor === null ? null : postProcessorAt(json.post_processor, 'post_processor'),
    model: objectAt(json.model, 'model'),
  };
}

function stepsOf(section: unknown, key: string): JsonObject[] {
  if (section === null) return [];
  const step = objectAt(section, key);
  if (step.type !== 'Sequence') return [step];
  return arrayAt(step[key], key).flatMap((inner) => stepsOf(inner, key));
}

/** A part of a tokenizer that a format cannot hold. `reason` goes on after `place`. */
export function notWritable(
  format: string,
  place: string,
  reason: string,
): HeddleError<'tokenizer/not-writable'> {
  return new HeddleError(
    'tokenizer/not-writable',
    `${format} cannot hold ${place} of this tokenizer: ${reason}.`,
    { format, place, reason },
  );
}

/** Refuses a model of another type. */
export function checkModelType(
  { model, format }: TokenizerSections,
  types: readonly string[],
): void {
  if (types.includes(String(model.type))) return;
  throw notWritable(format, 'model.type', `it is ${model.type}, not ${types.join(' or ')}`);
}

/** Refuses an option of the model that is not what the format means. */
export function checkModelOption(
  { model, format }: TokenizerSections,
  key: string,
  allowed: readonly unknown[],
): void {
  if (allowed.includes(model[key])) return;
  const shown = JSON.stringify(allowed[0]);
  throw notWritable(format, `model.${key}`, `it is ${JSON.stringify(model[key])}, not ${shown}`);
}

/** Refuses special tokens around a text. */
export function checkNothingAround({ postProcessor, format }: TokenizerSections): void {
  const around = postProcessor?.layout(false).filter((item) => !('text' in item)) ?? [];
  if (around.length === 0) return;
  throw notWritable(format, 'post_processor', 'it puts special tokens around a text');
}

/** The tokens in the order of their ids, which have no gap. */
export function tokensInOrder(
  vocab: ReadonlyMap<string, number>,
  { format }: TokenizerSections,
): string[] {
  return Array.from(tokensById(vocab), (token: string | undefined, id) => {
    if (token !== undefined) return token;
    throw notWritable(format, 'model.vocab', `no token has the id ${id}`);
  });
}
