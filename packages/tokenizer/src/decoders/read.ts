import {
  arrayAt,
  bad,
  flagAt,
  type JsonObject,
  objectAt,
  onlyKeys,
  stringAt,
  unsupported,
} from '../json-reader.js';
import type { Decoder } from '../parts.js';
import { patternAt } from '../regex/read.js';
import { bpeDecoder } from './bpe.js';
import { byteFallbackDecoder } from './byte-fallback.js';
import { byteLevelDecoder } from './byte-level.js';
import { ctcDecoder } from './ctc.js';
import { metaspaceDecoder } from './metaspace.js';
import { replaceDecoder } from './replace.js';
import { fuseDecoder, sequenceDecoder } from './sequence.js';
import { stripDecoder } from './strip.js';
import { wordPieceDecoder } from './word-piece.js';

type Reader = (section: JsonObject, place: string) => Decoder;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [
    'ByteLevel',
    (section, place) => {
      onlyKeys(section, ['type', 'add_prefix_space', 'trim_offsets', 'use_regex'], place);
      return byteLevelDecoder();
    },
  ],
  [
    'WordPiece',
    (section, place) => {
      onlyKeys(section, ['type', 'prefix', 'cleanup'], place);
      const prefix = stringAt(section.prefix ?? '##', `${place}.prefix`);
      return wordPieceDecoder(prefix, flagAt(section.cleanup, `${place}.cleanup`, true));
    },
  ],
  ['Metaspace', metaspaceAt],
  [
    'BPEDecoder',
    (section, place) => {
      onlyKeys(section, ['type', 'suffix'], place);
      return bpeDecoder(stringAt(section.suffix ?? '</w>', `${place}.suffix`));
    },
  ],
  [
    'CTC',
    (section, place) => {
      onlyKeys(section, ['type', 'pad_token', 'word_delimiter_token', 'cleanup'], place);
      return ctcDecoder({
        padToken: stringAt(section.pad_token ?? '<pad>', `${place}.pad_token`),
        wordDelimiterToken: stringAt(
          section.word_delimiter_token ?? '|',
          `${place}.word_delimiter_token`,
        ),
        cleanup: flagAt(section.cleanup, `${place}.cleanup`, true),
      });
    },
  ],
  [
    'Replace',
    (section, place) => {
      onlyKeys(section, ['type', 'pattern', 'content'], place);
      const content = stringAt(section.content, `${place}.content`);
      return replaceDecoder(patternAt(section.pattern, `${place}.pattern`), content);
    },
  ],
  [
    'Fuse',
    (section, place) => {
      onlyKeys(section, ['type'], place);
      return fuseDecoder();
    },
  ],
  [
    'Strip',
    (section, place) => {
      onlyKeys(section, ['type', 'content', 'start', 'stop'], place);
      const content = stringAt(section.content, `${place}.content`);
      if ([...content].length !== 1) throw bad(`${place}.content`, 'should be one character');
      return stripDecoder(
        content,
        countAt(section.start, `${place}.start`),
        countAt(section.stop, `${place}.stop`),
      );
    },
  ],
  [
    'ByteFallback',
    (section, place) => {
      onlyKeys(section, ['type'], place);
      return byteFallbackDecoder();
    },
  ],
  [
    'Sequence',
    (section, place) => {
      onlyKeys(section, ['type', 'decoders'], place);
      const steps = arrayAt(section.decoders, `${place}.decoders`);
      return sequenceDecoder(steps.map((step, i) => decoderAt(step, `${place}.decoders[${i}]`)));
    },
  ],
]);

/** The section `decoder` of a `tokenizer.json`. */
export function decoderAt(value: unknown, place: string): Decoder {
  const section = objectAt(value, place);
  const reader = typeof section.type === 'string' ? READERS.get(section.type) : undefined;
  if (reader) return reader(section, place);
  throw unsupported(`${place}.type`, section.type, [...READERS.keys()].join(', '));
}

function metaspaceAt(section: JsonObject, place: string): Decoder {
  const keys = ['type', 'replacement', 'prepend_scheme', 'split', 'add_prefix_space', 'str_rep'];
  onlyKeys(section, keys, place);
  const replacement = stringAt(section.replacement ?? '▁', `${place}.replacement`);
  if ([...replacement].length !== 1) throw bad(`${place}.replacement`, 'should be one character');
  // Older files have add_prefix_space in the place of prepend_scheme.
  const prepends = flagAt(section.add_prefix_space, `${place}.add_prefix_space`, true);
  const prependScheme = section.prepend_scheme ?? (prepends ? 'always' : 'never');
  if (prependScheme !== 'always' && prependScheme !== 'first' && prependScheme !== 'never') {
    throw unsupported(`${place}.prepend_scheme`, prependScheme, '"always", "first", "never"');
  }
  const split = flagAt(section.split, `${place}.split`, true);
  return metaspaceDecoder({ replacement, prependScheme, split });
}

function countAt(value: unknown, place: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw bad(place, `should be a whole number, is ${JSON.stringify(value)}`);
}
