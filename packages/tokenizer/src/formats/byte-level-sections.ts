import { alphabetBytes, BYTE_CHARS } from '../byte-alphabet.js';
import { type JsonObject, objectAt } from '../json-reader.js';
import { vocabAt } from '../models/read-vocab.js';
import {
  type BytePattern,
  bytePreTokenizer,
  CL100K_PATTERN,
  O200K_PATTERN,
  QWEN2_PATTERN,
} from './byte-level-content.js';
import { type Merge, mergesOf } from './implied-merges.js';
import {
  checkModelOption,
  checkModelType,
  checkNothingAround,
  notWritable,
  type TokenizerSections,
} from './tokenizer-sections.js';

export interface ByteLevelModel {
  readonly vocab: ReadonlyMap<string, number>;
  readonly merges: readonly Merge[];
}

/** The vocabulary of a byte-level BPE tokenizer whose pieces the readers can cut, given the pattern. */
export function byteLevelModel(sections: TokenizerSections): ByteLevelModel {
  checkModelType(sections, ['BPE']);
  checkPattern(sections);
  checkNothingAround(sections);
  checkModelOption(sections, 'continuing_subword_prefix', [null, '']);
  checkModelOption(sections, 'end_of_word_suffix', [null, '']);
  const vocab = vocabAt(objectAt(sections.model.vocab, 'model.vocab'), 'model.vocab');
  // With a token for every byte nothing is unknown.
  if (!BYTE_CHARS.every((char) => vocab.has(char))) {
    checkModelOption(sections, 'unk_token', [null]);
    checkModelOption(sections, 'byte_fallback', [false]);
  }
  return { vocab, merges: mergesOf(sections.model) };
}

/** Patterns that leave nothing of a text out, so that it makes no difference what is done with what is between matches. */
const WHOLE_PATTERNS: readonly BytePattern[] = [CL100K_PATTERN, O200K_PATTERN, QWEN2_PATTERN];

function checkPattern({ preTokenizer, format }: TokenizerSections): void {
  const refuse = (reason: string) => notWritable(format, 'pre_tokenizer', reason);
  const byteLevel = preTokenizer.at(-1);
  if (byteLevel?.type !== 'ByteLevel') throw refuse('it makes no bytes of a text');
  const [split, ...more] = preTokenizer.slice(0, -1);
  if (split === undefined) {
    if (byteLevel.use_regex === true) return;
    throw refuse('it does not cut a text by a pattern');
  }
  const pattern = more.length === 0 ? patternOf(split) : undefined;
  if (pattern !== undefined && byteLevel.use_regex === false) return;
  throw refuse('it does not cut a text by one pattern alone');
}

/** The pattern of a `Split` that cuts a text into its matches and what is between them. */
function patternOf(split: JsonObject): BytePattern | undefined {
  if (split.type !== 'Split') return undefined;
  const { Regex: regex } = objectAt(split.pattern, 'pre_tokenizer.pattern');
  if (typeof regex !== 'string') return undefined;
  if (split.behavior === 'Isolated') return { regex };
  return WHOLE_PATTERNS.find(
    (whole) => split.behavior === 'Removed' && split.invert && same(whole, { regex }),
  );
}

function same(a: BytePattern, b: BytePattern): boolean {
  return JSON.stringify(bytePreTokenizer(a)) === JSON.stringify(bytePreTokenizer(b));
}

/** The tokens that are text, not parts of characters, with the texts they stand for. */
export function* tokenTexts(tokens: Iterable<string>): Generator<[token: string, text: string]> {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for (const token of tokens) {
    const bytes = alphabetBytes(token);
    if (!bytes?.length) continue;
    let text: string;
    try {
      text = utf8.decode(bytes);
    } catch {
      continue; // a part of a character, which no piece is
    }
    yield [token, text];
  }
}
