import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HeddleError, type Json } from '@heddle/core';
import type { BertOptions } from '../formats/bert-vocab.js';
import { QWEN2_PATTERN } from '../formats/byte-level-content.js';
import type { Gpt2Options } from '../formats/gpt2-files.js';
import type { SentencePieceOptions } from '../formats/sentencepiece.js';
import { type JsonObject, objectAt, stringAt } from '../json-reader.js';
import type { TextTokenizer } from '../tokenizer.js';
import { tokenizerFromJson } from '../tokenizer-json.js';
import { readJson } from './reading.js';

/** What transformers' `tokenizer_config.json` says that a vocabulary file leaves out. */

const NAME = 'tokenizer_config.json';

/** The tokenizer of a file whose content depends on the configuration beside it, if there is one. */
export async function configured(
  path: string,
  content: (config: JsonObject) => Json,
): Promise<TextTokenizer> {
  const beside = join(dirname(path), NAME);
  const config = existsSync(beside) ? objectAt(await readJson(beside), NAME) : {};
  const tokenizer = tokenizerFromJson(content(config));
  for (const [id, token] of addedTokens(config)) {
    if (tokenizer.idOf(token) === id) continue;
    throw unsupported(`added_tokens_decoder[${id}]`, token, 'tokens that the vocabulary has');
  }
  return tokenizer;
}

export function bertOptions(config: JsonObject): BertOptions {
  classOf(config, ['Bert', 'DistilBert', 'Electra']);
  const stripAccents = config.strip_accents ?? null;
  return {
    lowercase: config.do_lower_case !== false,
    stripAccents: stripAccents === null ? null : stripAccents !== false,
    handleChineseChars: config.tokenize_chinese_chars !== false,
  };
}

export function gpt2Options(config: JsonObject): Gpt2Options {
  const qwen = classOf(config, ['GPT2', 'Qwen2']) === 'Qwen2';
  if (config.add_bos_token === true) throw unsupported('add_bos_token', true, 'false');
  const specialTokens = addedTokens(config).map(([, content]) => content);
  return {
    addPrefixSpace: config.add_prefix_space === true,
    ...(qwen && { pattern: QWEN2_PATTERN, nfc: true }),
    ...(specialTokens.length > 0 && { specialTokens }),
  };
}

export function sentencePieceOptions(config: JsonObject): SentencePieceOptions {
  const llama = classOf(config, ['Llama']) === 'Llama';
  return {
    addBos: llama && config.add_bos_token !== false,
    addEos: llama && config.add_eos_token === true,
  };
}

/** The tokenizer's class, without what all names end in; undefined where none is given. */
function classOf(config: JsonObject, known: readonly string[]): string | undefined {
  const given = config.tokenizer_class ?? undefined;
  if (given === undefined) return undefined;
  const name = known.find(
    (each) => given === `${each}Tokenizer` || given === `${each}TokenizerFast`,
  );
  if (name !== undefined) return name;
  const names = known.map((each) => `${each}Tokenizer`).join(', ');
  throw unsupported('tokenizer_class', given as Json, `${names}, or a tokenizer.json`);
}

function addedTokens(config: JsonObject): [id: number, content: string][] {
  const place = `${NAME}.added_tokens_decoder`;
  const tokens = objectAt(config.added_tokens_decoder ?? {}, place);
  return Object.entries(tokens).map(([id, token]) => {
    const { content, special } = objectAt(token, `${place}[${id}]`);
    // What is read in every text is not an option of the readers.
    if (special !== true) throw unsupported(`added_tokens_decoder[${id}].special`, false, 'true');
    return [Number(id), stringAt(content, `${place}[${id}].content`)];
  });
}

function unsupported(
  key: string,
  given: Json,
  supported: string,
): HeddleError<'tokenizer/unsupported'> {
  const place = `${NAME}, ${key}`;
  return new HeddleError(
    'tokenizer/unsupported',
    `${place}: ${JSON.stringify(given)} is not supported; supported: ${supported}.`,
    { place, given },
  );
}
