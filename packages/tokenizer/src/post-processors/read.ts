import {
  arrayAt,
  bad,
  flagAt,
  idAt,
  type JsonObject,
  objectAt,
  onlyKeys,
  shown,
  stepsAt,
  stringAt,
  unsupported,
} from '../json-reader.js';
import { MOST_TOKENS } from '../limits.js';
import type { PostProcessor } from '../parts.js';
import { bertPostProcessor, type NamedToken, robertaPostProcessor } from './bert.js';
import { byteLevelPostProcessor, type TrimOptions } from './byte-level.js';
import { plainLayout } from './layout.js';
import { sequencePostProcessor } from './sequence.js';
import { type TemplatePiece, type TemplateToken, templatePostProcessor } from './template.js';

/** The section `post_processor` of a `tokenizer.json`. */
export function postProcessorAt(value: unknown, place: string): PostProcessor {
  return readAt(value, place, 0);
}

function readAt(value: unknown, place: string, depth: number): PostProcessor {
  const section = objectAt(value, place);
  switch (section.type) {
    case 'ByteLevel':
      onlyKeys(section, ['type', 'add_prefix_space', 'trim_offsets', 'use_regex'], place);
      return byteLevelPostProcessor({
        ...trimOptionsAt(section, place),
        useRegex: flagAt(section.use_regex, `${place}.use_regex`, true),
      });
    case 'BertProcessing':
      onlyKeys(section, ['type', 'sep', 'cls'], place);
      return bertPostProcessor(
        namedTokenAt(section.cls, `${place}.cls`),
        namedTokenAt(section.sep, `${place}.sep`),
      );
    case 'RobertaProcessing':
      onlyKeys(section, ['type', 'sep', 'cls', 'trim_offsets', 'add_prefix_space'], place);
      return robertaPostProcessor(
        namedTokenAt(section.cls, `${place}.cls`),
        namedTokenAt(section.sep, `${place}.sep`),
        trimOptionsAt(section, place),
      );
    case 'TemplateProcessing':
      return templateAt(section, place);
    case 'Sequence':
      return sequenceAt(section, place, depth);
    default:
      throw unsupported(
        `${place}.type`,
        section.type,
        'ByteLevel, BertProcessing, RobertaProcessing, TemplateProcessing, Sequence',
      );
  }
}

function trimOptionsAt(section: JsonObject, place: string): TrimOptions {
  return {
    trimOffsets: flagAt(section.trim_offsets, `${place}.trim_offsets`, true),
    addPrefixSpace: flagAt(section.add_prefix_space, `${place}.add_prefix_space`, true),
  };
}

/** `["[SEP]", 102]` */
function namedTokenAt(value: unknown, place: string): NamedToken {
  const [content, id, ...more] = arrayAt(value, place);
  if (more.length > 0) throw bad(place, 'should be a token and its id');
  return {
    content: stringAt(content, `${place}[0]`),
    id: idAt(id, () => `${place}[1]`, MOST_TOKENS),
  };
}

function templateAt(section: JsonObject, place: string): PostProcessor {
  onlyKeys(section, ['type', 'single', 'pair', 'special_tokens'], place);
  const given = objectAt(section.special_tokens ?? {}, `${place}.special_tokens`);
  const tokens = Object.keys(given).map((name) =>
    templateTokenAt(given[name], name, `${place}.special_tokens[${shown(name)}]`),
  );
  const names = new Set(tokens.map(({ name }) => name));
  const pieces = (key: 'single' | 'pair'): TemplatePiece[] =>
    arrayAt(section[key], `${place}.${key}`).map((piece, i) =>
      templatePieceAt(piece, `${place}.${key}[${i}]`, names),
    );
  return templatePostProcessor(pieces('single'), pieces('pair'), tokens);
}

function templateTokenAt(value: unknown, name: string, place: string): TemplateToken {
  const token = objectAt(value, place);
  onlyKeys(token, ['id', 'ids', 'tokens'], place);
  const ids = arrayAt(token.ids, `${place}.ids`);
  const tokens = arrayAt(token.tokens, `${place}.tokens`);
  if (ids.length !== tokens.length) throw bad(place, 'has not as many ids as tokens');
  return {
    name,
    ids: ids.map((id, i) => idAt(id, () => `${place}.ids[${i}]`, MOST_TOKENS)),
    tokens: tokens.map((content, i) => stringAt(content, `${place}.tokens[${i}]`)),
  };
}

function templatePieceAt(value: unknown, place: string, names: ReadonlySet<string>): TemplatePiece {
  const piece = objectAt(value, place);
  const [kind, ...more] = Object.keys(piece);
  if (more.length > 0 || (kind !== 'Sequence' && kind !== 'SpecialToken')) {
    throw bad(place, 'should be a Sequence or a SpecialToken');
  }
  const content = objectAt(piece[kind], `${place}.${kind}`);
  onlyKeys(content, ['id', 'type_id'], `${place}.${kind}`);
  const id = stringAt(content.id, `${place}.${kind}.id`);
  const typeId = idAt(content.type_id ?? 0, () => `${place}.${kind}.type_id`, 256);
  if (kind === 'Sequence') {
    if (id !== 'A' && id !== 'B') throw bad(`${place}.Sequence.id`, 'should be "A" or "B"');
    return { sequence: id, typeId };
  }
  if (!names.has(id)) throw bad(place, `${shown(id)} is not among the special_tokens`);
  return { specialToken: id, typeId };
}

function sequenceAt(section: JsonObject, place: string, depth: number): PostProcessor {
  const steps = stepsAt(section, 'processors', place, depth, readAt);
  if (steps.filter((step) => step.layout !== plainLayout).length > 1) {
    throw unsupported(`${place}.processors`, section.processors, 'one that adds special tokens');
  }
  return sequencePostProcessor(steps);
}
