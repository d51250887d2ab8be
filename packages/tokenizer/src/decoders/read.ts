import {
  bad,
  flagAt,
  onlyKeys,
  type PartReader,
  partAt,
  stepsAt,
  stringAt,
  wholeAt,
} from '../json-reader.js';
import { metaspaceOptionsAt } from '../metaspace-options.js';
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

const READERS = new Map<unknown, PartReader<Decoder>>([
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
  ['Metaspace', (section, place) => metaspaceDecoder(metaspaceOptionsAt(section, place))],
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
        wholeAt(section.start, `${place}.start`),
        wholeAt(section.stop, `${place}.stop`),
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
    (section, place, depth) => sequenceDecoder(stepsAt(section, 'decoders', place, depth, readAt)),
  ],
]);

/** The section `decoder` of a `tokenizer.json`. */
export function decoderAt(value: unknown, place: string): Decoder {
  return readAt(value, place, 0);
}

function readAt(value: unknown, place: string, depth: number): Decoder {
  return partAt(value, place, depth, READERS);
}
