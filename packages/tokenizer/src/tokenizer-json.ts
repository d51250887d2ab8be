import type { Tokenizer } from '@heddle/core';
import { bpeModel } from './bpe-model.js';
import { BYTE_CHARS } from './byte-alphabet.js';
import {
  byteLevelDecoder,
  byteLevelPostProcessor,
  byteLevelPreTokenizer,
  splitPreTokenizer,
} from './byte-level.js';
import {
  arrayAt,
  bad,
  flagAt,
  idAt,
  type JsonObject,
  objectAt,
  onlyKeys,
  stringAt,
  unsupported,
} from './json-reader.js';
import { MOST_TOKENS } from './limits.js';
import { PairTable } from './pair-table.js';
import type { AddedToken, Decoder, Model, PostProcessor, PreTokenizer } from './parts.js';
import { assemble } from './tokenizer.js';

/**
 * The tokenizer of the content of a `tokenizer.json` (the format of Hugging Face's `tokenizers`).
 * Takes byte-level BPE; every other part is refused by name.
 *
 * @throws HeddleError `tokenizer/unsupported` for a part that this package does not have,
 * `tokenizer/bad-json` for content that contradicts itself or the format
 */
export function tokenizerFromJson(json: unknown): Tokenizer {
  const root = objectAt(json, 'the file');
  onlyKeys(root, ROOT_KEYS, '');
  if (root.version !== undefined && root.version !== '1.0') {
    throw unsupported('version', root.version, '"1.0"');
  }
  for (const key of ['truncation', 'padding', 'normalizer']) {
    if ((root[key] ?? null) !== null) throw unsupported(key, root[key], 'null');
  }
  const model = modelAt(objectAt(root.model, 'model'));
  const addedTokens = addedTokensAt(arrayAt(root.added_tokens ?? [], 'added_tokens'), model);
  checkIds(model, addedTokens);
  return assemble({
    addedTokens,
    preTokenizer: preTokenizerAt(root.pre_tokenizer),
    model,
    postProcessor: postProcessorAt(root.post_processor),
    decoder: decoderAt(root.decoder),
  });
}

const ROOT_KEYS = [
  'version',
  'truncation',
  'padding',
  'added_tokens',
  'normalizer',
  'pre_tokenizer',
  'post_processor',
  'decoder',
  'model',
];

const MODEL_KEYS = [
  'type',
  'dropout',
  'unk_token',
  'continuing_subword_prefix',
  'end_of_word_suffix',
  'fuse_unk',
  'byte_fallback',
  'ignore_merges',
  'vocab',
  'merges',
];

function modelAt(section: JsonObject): Model {
  // Files of early versions have no type.
  if (section.type !== undefined && section.type !== 'BPE') {
    throw unsupported('model.type', section.type, '"BPE"');
  }
  onlyKeys(section, MODEL_KEYS, 'model');
  // unk_token, fuse_unk and byte_fallback say what happens to unknown characters: here are none.
  for (const key of ['continuing_subword_prefix', 'end_of_word_suffix']) {
    if ((section[key] ?? '') !== '') throw unsupported(`model.${key}`, section[key], 'null');
  }
  if ((section.dropout ?? 0) !== 0) throw unsupported('model.dropout', section.dropout, 'null');
  if (flagAt(section.ignore_merges, 'model.ignore_merges', false)) {
    throw unsupported('model.ignore_merges', true, 'false');
  }
  const vocab = vocabAt(objectAt(section.vocab, 'model.vocab'));
  for (const [byte, char] of BYTE_CHARS.entries()) {
    if (!vocab.has(char)) {
      throw unsupported(
        'model.vocab',
        `no token ${JSON.stringify(char)} (byte ${byte})`,
        'vocabularies with a token for each of the 256 bytes',
      );
    }
  }
  return bpeModel(vocab, mergesAt(arrayAt(section.merges, 'model.merges'), vocab));
}

function vocabAt(section: JsonObject): Map<string, number> {
  const names = Object.keys(section);
  if (names.length > MOST_TOKENS) {
    throw bad('model.vocab', `has ${names.length} tokens, more than ${MOST_TOKENS}`);
  }
  const vocab = new Map<string, number>();
  const tokens: string[] = [];
  for (const token of names) {
    const place = (): string => `model.vocab[${JSON.stringify(token)}]`;
    const id = idAt(section[token], place, MOST_TOKENS);
    if (tokens[id] !== undefined) {
      throw bad(place(), `has the id ${id}, which ${JSON.stringify(tokens[id])} has already`);
    }
    tokens[id] = token;
    vocab.set(token, id);
  }
  return vocab;
}

/** Merges are `"a b"` or, in newer files, `["a", "b"]`. */
function mergesAt(section: readonly unknown[], vocab: ReadonlyMap<string, number>): Int32Array {
  if (section.length > MOST_TOKENS) {
    throw bad('model.merges', `has ${section.length} merges, more than ${MOST_TOKENS}`);
  }
  const merges = new Int32Array(section.length * 3);
  const seen = new PairTable(section.length);
  for (let rank = 0; rank < section.length; rank++) {
    const [left, right] = mergeAt(section[rank], rank);
    const leftId = knownId(vocab, left, rank);
    const rightId = knownId(vocab, right, rank);
    const earlier = seen.get(leftId, rightId);
    if (earlier >= 0) throw bad(`model.merges[${rank}]`, `is the same as model.merges[${earlier}]`);
    seen.add(leftId, rightId, rank);
    merges[rank * 3] = leftId;
    merges[rank * 3 + 1] = rightId;
    merges[rank * 3 + 2] = knownId(vocab, left + right, rank);
  }
  return merges;
}

function knownId(vocab: ReadonlyMap<string, number>, token: string, rank: number): number {
  const id = vocab.get(token);
  if (id !== undefined) return id;
  throw bad(`model.merges[${rank}]`, `${JSON.stringify(token)} is not in model.vocab`);
}

function mergeAt(value: unknown, rank: number): readonly string[] {
  const parts = typeof value === 'string' ? value.split(' ') : value;
  if (
    !Array.isArray(parts) ||
    parts.length !== 2 ||
    parts.some((part) => typeof part !== 'string')
  ) {
    throw bad(`model.merges[${rank}]`, `should be two tokens, is ${JSON.stringify(value)}`);
  }
  if (parts.includes('') || parts[0].includes(' ') || parts[1].includes(' ')) {
    throw unsupported(`model.merges[${rank}]`, value, 'merges of characters of the byte alphabet');
  }
  return parts;
}

const ADDED_TOKEN_KEYS = [
  'id',
  'content',
  'single_word',
  'lstrip',
  'rstrip',
  'normalized',
  'special',
];

function addedTokensAt(section: readonly unknown[], model: Model): AddedToken[] {
  if (section.length > MOST_TOKENS) {
    throw bad('added_tokens', `has ${section.length} tokens, more than ${MOST_TOKENS}`);
  }
  const contents = new Set<string>();
  return section.map((value, index) => {
    const place = `added_tokens[${index}]`;
    const token = objectAt(value, place);
    onlyKeys(token, ADDED_TOKEN_KEYS, place);
    for (const key of ['single_word', 'lstrip', 'rstrip']) {
      if (flagAt(token[key], `${place}.${key}`, false)) {
        throw unsupported(`${place}.${key}`, true, 'false');
      }
    }
    const content = stringAt(token.content, `${place}.content`);
    if (content === '' || /\p{Surrogate}/u.test(content)) {
      throw bad(`${place}.content`, `${JSON.stringify(content)} is empty or not Unicode text`);
    }
    if (contents.has(content)) {
      throw bad(`${place}.content`, `${JSON.stringify(content)} stands there twice`);
    }
    contents.add(content);
    const id = idAt(token.id, () => `${place}.id`, MOST_TOKENS);
    const modelId = model.vocab.get(content);
    if (modelId !== undefined && modelId !== id) {
      throw bad(`${place}.id`, `is ${id}, but model.vocab has ${modelId} for this token`);
    }
    const special = flagAt(token.special, `${place}.special`, false);
    return {
      id,
      content,
      special,
      normalized: flagAt(token.normalized, `${place}.normalized`, !special),
    };
  });
}

/** No two tokens have one id, and the ids have no gap. */
function checkIds(model: Model, addedTokens: readonly AddedToken[]): void {
  const owners: string[] = [];
  for (const [token, id] of model.vocab) owners[id] = token;
  for (const [index, { id, content }] of addedTokens.entries()) {
    if (owners[id] !== undefined && owners[id] !== content) {
      throw bad(
        `added_tokens[${index}].id`,
        `is ${id}, which ${JSON.stringify(owners[id])} has already`,
      );
    }
    owners[id] = content;
  }
  for (let id = 0; id < owners.length; id++) {
    if (owners[id] === undefined) {
      throw bad('model.vocab', `no token has the id ${id}; the ids go up to ${owners.length - 1}`);
    }
  }
}

const BYTE_LEVEL_KEYS = ['type', 'add_prefix_space', 'trim_offsets', 'use_regex'];

/** The settings of a `ByteLevel` section. */
function byteLevelAt(
  value: unknown,
  place: string,
): { addPrefixSpace: boolean; trimOffsets: boolean; useRegex: boolean } {
  const section = objectAt(value ?? {}, place);
  if (section.type !== 'ByteLevel') throw unsupported(place, value ?? null, 'ByteLevel');
  onlyKeys(section, BYTE_LEVEL_KEYS, place);
  return {
    addPrefixSpace: flagAt(section.add_prefix_space, `${place}.add_prefix_space`, true),
    trimOffsets: flagAt(section.trim_offsets, `${place}.trim_offsets`, true),
    useRegex: flagAt(section.use_regex, `${place}.use_regex`, true),
  };
}

function preTokenizerAt(value: unknown): PreTokenizer {
  const place = 'pre_tokenizer';
  const section = objectAt(value ?? {}, place);
  if (section.type === 'Sequence') return sequenceAt(section);
  const { addPrefixSpace, useRegex } = byteLevelAt(value, place);
  if (!useRegex) throw unsupported(`${place}.use_regex`, false, 'true, or a Sequence with Split');
  return byteLevelPreTokenizer(addPrefixSpace);
}

/** `Split` by a known pattern, then `ByteLevel` without one. */
function sequenceAt(section: JsonObject): PreTokenizer {
  const place = 'pre_tokenizer.pretokenizers';
  onlyKeys(section, ['type', 'pretokenizers'], 'pre_tokenizer');
  const steps = arrayAt(section.pretokenizers, place);
  const split = objectAt(steps[0], `${place}[0]`);
  if (steps.length !== 2 || split.type !== 'Split') {
    throw unsupported(place, steps, 'Split and ByteLevel');
  }
  onlyKeys(split, ['type', 'pattern', 'behavior', 'invert'], `${place}[0]`);
  const invert = flagAt(split.invert, `${place}[0].invert`, false);
  // The patterns leave no gap, so that to isolate the matches and to remove what is between is one.
  if (split.behavior !== (invert ? 'Removed' : 'Isolated')) {
    throw unsupported(
      `${place}[0].behavior`,
      split.behavior,
      '"Isolated", or "Removed" with invert',
    );
  }
  const pattern = objectAt(split.pattern, `${place}[0].pattern`);
  const preTokenizer =
    typeof pattern.Regex === 'string' ? splitPreTokenizer(pattern.Regex) : undefined;
  if (preTokenizer === undefined) {
    throw unsupported(`${place}[0].pattern`, pattern, 'the patterns of cl100k and Qwen2');
  }
  const bytes = byteLevelAt(steps[1], `${place}[1]`);
  if (bytes.useRegex) throw unsupported(`${place}[1].use_regex`, true, 'false');
  if (bytes.addPrefixSpace) throw unsupported(`${place}[1].add_prefix_space`, true, 'false');
  return preTokenizer;
}

function postProcessorAt(value: unknown): PostProcessor | null {
  if ((value ?? null) === null) return null;
  const { trimOffsets, addPrefixSpace } = byteLevelAt(value, 'post_processor');
  return byteLevelPostProcessor(trimOffsets, addPrefixSpace);
}

function decoderAt(value: unknown): Decoder {
  byteLevelAt(value, 'decoder');
  return byteLevelDecoder();
}
