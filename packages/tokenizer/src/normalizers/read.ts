import {
  flagAt,
  type JsonObject,
  objectAt,
  onlyKeys,
  stepsAt,
  stringAt,
  unsupported,
} from '../json-reader.js';
import type { Normalizer } from '../parts.js';
import { patternAt } from '../regex/read.js';
import { bertNormalizer } from './bert.js';
import { byteLevelNormalizer } from './byte-level.js';
import { lowercase } from './lowercase.js';
import { nmt } from './nmt.js';
import { precompiled } from './precompiled.js';
import { prepend } from './prepend.js';
import { replace } from './replace.js';
import { normalizerSequence } from './sequence.js';
import { strip } from './strip.js';
import { stripAccents } from './strip-accents.js';
import { unicodeForm } from './unicode-form.js';

type Reader = (section: JsonObject, place: string, depth: number) => Normalizer;

/** The section `normalizer` of a `tokenizer.json`. */
export function normalizerAt(value: unknown, place: string): Normalizer {
  return readAt(value, place, 0);
}

function readAt(value: unknown, place: string, depth: number): Normalizer {
  const section = objectAt(value, place);
  const read = READERS.get(section.type);
  if (!read) throw unsupported(`${place}.type`, section.type, [...READERS.keys()].join(', '));
  return read(section, place, depth);
}

const READERS: ReadonlyMap<unknown, Reader> = new Map<unknown, Reader>([
  ['BertNormalizer', bertAt],
  ['Strip', stripAt],
  ['StripAccents', plain(stripAccents)],
  ['NFC', plain(() => unicodeForm('NFC'))],
  ['NFD', plain(() => unicodeForm('NFD'))],
  ['NFKC', plain(() => unicodeForm('NFKC'))],
  ['NFKD', plain(() => unicodeForm('NFKD'))],
  ['Lowercase', plain(lowercase)],
  ['Nmt', plain(nmt)],
  ['ByteLevel', plain(byteLevelNormalizer)],
  ['Precompiled', precompiledAt],
  ['Replace', replaceAt],
  ['Prepend', prependAt],
  ['Sequence', sequenceAt],
]);

function plain(make: () => Normalizer): Reader {
  return (section, place) => {
    onlyKeys(section, ['type'], place);
    return make();
  };
}

function bertAt(section: JsonObject, place: string): Normalizer {
  onlyKeys(
    section,
    ['type', 'clean_text', 'handle_chinese_chars', 'strip_accents', 'lowercase'],
    place,
  );
  const flag = (key: string): boolean => flagAt(section[key], `${place}.${key}`, true);
  return bertNormalizer({
    cleanText: flag('clean_text'),
    handleChineseChars: flag('handle_chinese_chars'),
    stripAccents: (section.strip_accents ?? null) === null ? null : flag('strip_accents'),
    lowercase: flag('lowercase'),
  });
}

function stripAt(section: JsonObject, place: string): Normalizer {
  onlyKeys(section, ['type', 'strip_left', 'strip_right'], place);
  return strip({
    left: flagAt(section.strip_left, `${place}.strip_left`, true),
    right: flagAt(section.strip_right, `${place}.strip_right`, true),
  });
}

function precompiledAt(section: JsonObject, place: string): Normalizer {
  onlyKeys(section, ['type', 'precompiled_charsmap'], place);
  const at = `${place}.precompiled_charsmap`;
  return precompiled(stringAt(section.precompiled_charsmap, at), at);
}

function replaceAt(section: JsonObject, place: string): Normalizer {
  onlyKeys(section, ['type', 'pattern', 'content'], place);
  const pattern = patternAt(section.pattern, `${place}.pattern`);
  return replace(pattern, stringAt(section.content, `${place}.content`));
}

function prependAt(section: JsonObject, place: string): Normalizer {
  onlyKeys(section, ['type', 'prepend'], place);
  return prepend(stringAt(section.prepend, `${place}.prepend`));
}

function sequenceAt(section: JsonObject, place: string, depth: number): Normalizer {
  return normalizerSequence(stepsAt(section, 'normalizers', place, depth, readAt));
}
