import {
  flagAt,
  type JsonObject,
  onlyKeys,
  type PartReader,
  partAt,
  plainPart,
  stepsAt,
  stringAt,
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

/** The section `normalizer` of a `tokenizer.json`. */
export function normalizerAt(value: unknown, place: string): Normalizer {
  return readAt(value, place, 0);
}

function readAt(value: unknown, place: string, depth: number): Normalizer {
  return partAt(value, place, depth, READERS);
}

const READERS = new Map<unknown, PartReader<Normalizer>>([
  ['BertNormalizer', bertAt],
  ['Strip', stripAt],
  ['StripAccents', plainPart(stripAccents)],
  ['NFC', plainPart(() => unicodeForm('NFC'))],
  ['NFD', plainPart(() => unicodeForm('NFD'))],
  ['NFKC', plainPart(() => unicodeForm('NFKC'))],
  ['NFKD', plainPart(() => unicodeForm('NFKD'))],
  ['Lowercase', plainPart(lowercase)],
  ['Nmt', plainPart(nmt)],
  ['ByteLevel', plainPart(byteLevelNormalizer)],
  ['Precompiled', precompiledAt],
  ['Replace', replaceAt],
  ['Prepend', prependAt],
  ['Sequence', sequenceAt],
]);

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
