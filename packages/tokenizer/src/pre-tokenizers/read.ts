import {
  bad,
  flagAt,
  type JsonObject,
  onlyKeys,
  type PartReader,
  partAt,
  plainPart,
  stepsAt,
  stringAt,
  unsupported,
} from '../json-reader.js';
import { metaspaceOptionsAt } from '../metaspace-options.js';
import type { PreTokenizer } from '../parts.js';
import { patternAt } from '../regex/read.js';
import { bertPreTokenizer } from './bert.js';
import { byteLevelPreTokenizer } from './byte-level.js';
import { charDelimiterSplit } from './char-delimiter-split.js';
import { DELIMITER_BEHAVIORS, type DelimiterBehavior } from './delimiters.js';
import { digits } from './digits.js';
import { fixedLength } from './fixed-length.js';
import { metaspacePreTokenizer } from './metaspace.js';
import { punctuation } from './punctuation.js';
import { preTokenizerSequence } from './sequence.js';
import { split } from './split.js';
import { unicodeScripts } from './unicode-scripts.js';
import { whitespace } from './whitespace.js';
import { whitespaceSplit } from './whitespace-split.js';

const LONGEST_PIECE = 1 << 20;

/** The section `pre_tokenizer` of a `tokenizer.json`. */
export function preTokenizerAt(value: unknown, place: string): PreTokenizer {
  return readAt(value, place, 0);
}

function readAt(value: unknown, place: string, depth: number): PreTokenizer {
  return partAt(value, place, depth, READERS);
}

const READERS = new Map<unknown, PartReader<PreTokenizer>>([
  ['BertPreTokenizer', plainPart(bertPreTokenizer)],
  ['ByteLevel', byteLevelAt],
  ['CharDelimiterSplit', charDelimiterSplitAt],
  ['Digits', digitsAt],
  ['FixedLength', fixedLengthAt],
  ['Metaspace', metaspaceAt],
  ['Punctuation', punctuationAt],
  ['Sequence', sequenceAt],
  ['Split', splitAt],
  ['UnicodeScripts', plainPart(unicodeScripts)],
  ['Whitespace', plainPart(whitespace)],
  ['WhitespaceSplit', plainPart(whitespaceSplit)],
]);

function byteLevelAt(section: JsonObject, place: string): PreTokenizer {
  onlyKeys(section, ['type', 'add_prefix_space', 'trim_offsets', 'use_regex'], place);
  return byteLevelPreTokenizer({
    addPrefixSpace: flagAt(section.add_prefix_space, `${place}.add_prefix_space`, true),
    trimOffsets: flagAt(section.trim_offsets, `${place}.trim_offsets`, true),
    useRegex: flagAt(section.use_regex, `${place}.use_regex`, true),
  });
}

function charDelimiterSplitAt(section: JsonObject, place: string): PreTokenizer {
  onlyKeys(section, ['type', 'delimiter'], place);
  return charDelimiterSplit(characterAt(section.delimiter, `${place}.delimiter`));
}

function digitsAt(section: JsonObject, place: string): PreTokenizer {
  onlyKeys(section, ['type', 'individual_digits'], place);
  return digits(flagAt(section.individual_digits, `${place}.individual_digits`, false));
}

function fixedLengthAt(section: JsonObject, place: string): PreTokenizer {
  onlyKeys(section, ['type', 'length'], place);
  const { length = 5 } = section;
  if (
    typeof length !== 'number' ||
    !Number.isInteger(length) ||
    length < 1 ||
    length > LONGEST_PIECE
  ) {
    throw bad(`${place}.length`, `should be a whole number from 1 to ${LONGEST_PIECE}`);
  }
  return fixedLength(length);
}

function metaspaceAt(section: JsonObject, place: string): PreTokenizer {
  return metaspacePreTokenizer(metaspaceOptionsAt(section, place));
}

function punctuationAt(section: JsonObject, place: string): PreTokenizer {
  onlyKeys(section, ['type', 'behavior'], place);
  return punctuation(behaviorAt(section.behavior ?? 'Isolated', `${place}.behavior`));
}

function sequenceAt(section: JsonObject, place: string, depth: number): PreTokenizer {
  return preTokenizerSequence(stepsAt(section, 'pretokenizers', place, depth, readAt));
}

function splitAt(section: JsonObject, place: string): PreTokenizer {
  onlyKeys(section, ['type', 'pattern', 'behavior', 'invert'], place);
  return split({
    pattern: patternAt(section.pattern, `${place}.pattern`),
    behavior: behaviorAt(section.behavior, `${place}.behavior`),
    invert: flagAt(section.invert, `${place}.invert`, false),
  });
}

function behaviorAt(value: unknown, place: string): DelimiterBehavior {
  const behavior = DELIMITER_BEHAVIORS.find((known) => known === value);
  if (behavior === undefined) throw unsupported(place, value, DELIMITER_BEHAVIORS.join(', '));
  return behavior;
}

function characterAt(value: unknown, place: string): string {
  const text = stringAt(value, place);
  if ([...text].length !== 1) throw bad(place, 'should be one character');
  return text;
}
