import {
  arrayAt,
  bad,
  flagAt,
  idAt,
  type JsonObject,
  objectAt,
  onlyKeys,
  shown,
  stringAt,
  unsupported,
  wholeAt,
} from '../json-reader.js';
import type { Model } from '../parts.js';
import { bpeModel } from './bpe-model.js';
import { mergesAt } from './read-merges.js';
import { checkCount, vocabAt } from './read-vocab.js';
import { unigramModel } from './unigram-model.js';
import { wordLevelModel } from './word-level-model.js';
import { wordPieceModel } from './word-piece-model.js';

/** What the other parts of a tokenizer mean for its model. */
export interface ModelContext {
  /** The pre-tokenizer wants the UTF-8 bytes of pieces to be the symbols (`PreTokenizer.bytes`). */
  readonly bytes?: boolean;
  /** Special tokens, which no text is to become. */
  readonly special?: ReadonlySet<string>;
}

type ModelReader = (section: JsonObject, place: string, context: ModelContext) => Model;

const READERS: ReadonlyMap<unknown, ModelReader> = new Map([
  ['BPE', bpeAt],
  ['WordPiece', wordPieceAt],
  ['WordLevel', wordLevelAt],
  ['Unigram', unigramAt],
]);

/** The section `model` of a `tokenizer.json`. */
export function modelAt(value: unknown, place: string, context: ModelContext = {}): Model {
  const section = objectAt(value, place);
  const type = section.type ?? typeOf(section);
  const read = READERS.get(type);
  if (read) return read(section, place, context);
  throw unsupported(`${place}.type`, type, [...READERS.keys()].join(', '));
}

/** Files of early versions have no type. */
function typeOf(section: JsonObject): string {
  if (section.merges !== undefined) return 'BPE';
  if (Array.isArray(section.vocab)) return 'Unigram';
  return section.max_input_chars_per_word === undefined ? 'WordLevel' : 'WordPiece';
}

const BPE_KEYS = [
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

function bpeAt(section: JsonObject, place: string, { bytes }: ModelContext): Model {
  onlyKeys(section, BPE_KEYS, place);
  if ((section.dropout ?? 0) !== 0) {
    throw unsupported(`${place}.dropout`, section.dropout, 'null');
  }
  const vocab = vocabAt(objectAt(section.vocab, `${place}.vocab`), `${place}.vocab`);
  const continuingSubwordPrefix = textOrNullAt(section, 'continuing_subword_prefix', place);
  const merges = mergesAt(section.merges, `${place}.merges`, vocab, continuingSubwordPrefix ?? '');
  return bpeModel(vocab, merges, {
    symbols: bytes ? 'bytes' : 'characters',
    unkToken: textOrNullAt(section, 'unk_token', place),
    fuseUnk: flagAt(section.fuse_unk, `${place}.fuse_unk`, false),
    byteFallback: flagAt(section.byte_fallback, `${place}.byte_fallback`, false),
    continuingSubwordPrefix,
    endOfWordSuffix: textOrNullAt(section, 'end_of_word_suffix', place),
    ignoreMerges: flagAt(section.ignore_merges, `${place}.ignore_merges`, false),
  });
}

function textOrNullAt(section: JsonObject, key: string, place: string): string | null {
  return (section[key] ?? null) === null ? null : stringAt(section[key], `${place}.${key}`);
}

function wordPieceAt(section: JsonObject, place: string, { bytes }: ModelContext): Model {
  const keys = ['unk_token', 'continuing_subword_prefix', 'max_input_chars_per_word', 'vocab'];
  onlyKeys(section, ['type', ...keys], place);
  return wordPieceModel(vocabAt(objectAt(section.vocab, `${place}.vocab`), `${place}.vocab`), {
    unkToken: stringAt(section.unk_token ?? '[UNK]', `${place}.unk_token`),
    continuingSubwordPrefix: stringAt(
      section.continuing_subword_prefix ?? '##',
      `${place}.continuing_subword_prefix`,
    ),
    maxInputCharsPerWord: wholeAt(
      section.max_input_chars_per_word ?? 100,
      `${place}.max_input_chars_per_word`,
    ),
    bytes,
  });
}

function wordLevelAt(section: JsonObject, place: string, { bytes }: ModelContext): Model {
  onlyKeys(section, ['type', 'vocab', 'unk_token'], place);
  return wordLevelModel(vocabAt(objectAt(section.vocab, `${place}.vocab`), `${place}.vocab`), {
    unkToken: stringAt(section.unk_token ?? '<unk>', `${place}.unk_token`),
    bytes,
  });
}

function unigramAt(section: JsonObject, place: string, context: ModelContext): Model {
  onlyKeys(section, ['type', 'unk_id', 'vocab', 'byte_fallback'], place);
  const entries = arrayAt(section.vocab, `${place}.vocab`);
  checkCount(entries.length, `${place}.vocab`, 'tokens');
  const vocab = new Map<string, number>();
  const scores = new Float64Array(entries.length);
  for (const [id, value] of entries.entries()) {
    const at = `${place}.vocab[${id}]`;
    const [token, score, ...more] = arrayAt(value, at);
    if (typeof token !== 'string' || !Number.isFinite(score) || more.length > 0) {
      throw bad(at, `should be a token and its score, is ${shown(value)}`);
    }
    const earlier = vocab.get(token);
    if (earlier !== undefined) throw bad(at, `is the same token as ${place}.vocab[${earlier}]`);
    vocab.set(token, id);
    scores[id] = score as number;
  }
  const unkId =
    (section.unk_id ?? null) === null
      ? null
      : idAt(section.unk_id, () => `${place}.unk_id`, entries.length);
  const byteFallback = flagAt(section.byte_fallback, `${place}.byte_fallback`, false);
  return unigramModel(vocab, scores, { unkId, byteFallback, ...context });
}
