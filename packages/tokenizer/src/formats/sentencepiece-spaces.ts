import { type JsonObject, objectAt, stringAt } from '../json-reader.js';
import { type MetaspaceOptions, metaspaceOptionsAt } from '../metaspace-options.js';
import { fromBase64 } from './base64.js';
import { piecesCutOut, SPACE, type SpaceRules, spaceSteps } from './sentencepiece-content.js';
import { notWritable, type TokenizerSections } from './tokenizer-sections.js';

/** What a SentencePiece model says of the way from a text to pieces. */
export interface TextRules extends SpaceRules {
  readonly charsmap: Uint8Array;
  /** The tokens that are cut out of a text. */
  readonly userDefined: readonly string[];
  /** Words, which begin with ▁, are looked at one by one. */
  readonly inWords: boolean;
}

function allRules(): SpaceRules[] {
  return [true, false].flatMap((addDummyPrefix) =>
    [true, false].flatMap((removeExtraWhitespaces) =>
      [true, false].map((escapeWhitespaces) => ({
        addDummyPrefix,
        removeExtraWhitespaces,
        escapeWhitespaces,
      })),
    ),
  );
}

/**
 * The rules that do the same as the normalizer and the pre-tokenizer.
 *
 * @param removeExtraWhitespaces whether spaces are to be removed in the place of steps that no rules express
 */
export function textRulesOf(
  sections: TokenizerSections,
  removeExtraWhitespaces: boolean | undefined,
): TextRules {
  const { format } = sections;
  const normalizer = [...sections.normalizer];
  const preTokenizer = [...sections.preTokenizer];
  const map = takeStep(normalizer, 'Precompiled');
  const split = takeStep(preTokenizer, 'Split');
  const words = takeStep(preTokenizer, 'WhitespaceSplit');
  const metaspace = metaspaceOf(takeStep(preTokenizer, 'Metaspace'));
  if (preTokenizer.length > 0 || (metaspace && metaspace.replacement !== SPACE)) {
    throw notWritable(format, 'pre_tokenizer', 'it does not cut a text at spaces alone');
  }
  const userDefined = split ? userDefinedOf(split, format) : [];
  const common = {
    charsmap: fromBase64(map ? stringAt(map.precompiled_charsmap, 'normalizer') : ''),
    userDefined,
    inWords: words !== undefined || metaspace?.split === true,
  };
  const exact = words ? undefined : exactRules(normalizer, metaspace, userDefined.length > 0);
  if (exact) return { ...common, ...exact };
  checkNearRules(sections, normalizer, metaspace);
  if (removeExtraWhitespaces === undefined) {
    const reason =
      'SentencePiece puts ▁ before every text, also before one that begins with a space. ' +
      'Give toSentencePiece removeExtraWhitespaces to have spaces treated in its way';
    throw notWritable(format, 'pre_tokenizer', reason);
  }
  return { ...common, addDummyPrefix: true, removeExtraWhitespaces, escapeWhitespaces: true };
}

function takeStep(steps: JsonObject[], type: string): JsonObject | undefined {
  return steps[0]?.type === type ? steps.shift() : undefined;
}

function metaspaceOf(step: JsonObject | undefined): MetaspaceOptions | undefined {
  return step && metaspaceOptionsAt(step, 'pre_tokenizer');
}

function exactRules(
  normalizer: readonly JsonObject[],
  metaspace: MetaspaceOptions | undefined,
  cutsBefore: boolean,
): SpaceRules | undefined {
  const rules = rulesOf(spacesFirst(normalizer));
  if (!metaspace) return rules;
  if (rules?.escapeWhitespaces) {
    // A text that begins with ▁ gets no other.
    const prefixed = rules.addDummyPrefix || metaspace.prependScheme === 'never';
    return prefixed ? rules : undefined;
  }
  // Metaspace writes spaces as ▁ itself.
  if (cutsBefore || metaspace.prependScheme !== 'never') return undefined;
  return rulesOf(spacesFirst([...normalizer, spacesEscaped()]));
}

/** The step that writes spaces as ▁. */
function spacesEscaped(): JsonObject {
  const rules = { addDummyPrefix: false, removeExtraWhitespaces: false, escapeWhitespaces: true };
  return objectAt(spaceSteps(rules)[0], 'normalizer');
}

function rulesOf(normalizer: readonly JsonObject[]): SpaceRules | undefined {
  return allRules().find((rules) => same(spaceSteps(rules), normalizer));
}

/** Llama's order, a prefix and then ▁ for spaces, the other way around, which is the same. */
function spacesFirst(steps: readonly JsonObject[]): readonly JsonObject[] {
  const [prefix, spaces] = steps.slice(-2);
  if (prefix?.type !== 'Prepend' || !same(spaces, spacesEscaped())) return steps;
  if (prefix.prepend !== ' ' && prefix.prepend !== SPACE) return steps;
  return [...steps.slice(0, -2), spaces, { type: 'Prepend', prepend: SPACE }];
}

/** Refuses what has nothing to do with SentencePiece's white space. */
function checkNearRules(
  { format }: TokenizerSections,
  normalizer: readonly JsonObject[],
  metaspace: MetaspaceOptions | undefined,
): void {
  const patterns = spacePatterns();
  const other = normalizer.find(
    ({ type, pattern }) =>
      type !== 'Strip' && !(type === 'Replace' && patterns.some((each) => same(each, pattern))),
  );
  if (other) throw notWritable(format, 'normalizer', `${other.type} does not change spaces alone`);
  if (metaspace && metaspace.prependScheme !== 'never') return;
  throw notWritable(format, 'normalizer', 'it changes spaces in another way than SentencePiece');
}

/** Patterns of spaces in the normalizers that transformers makes of SentencePiece models, and in ours. */
function spacePatterns(): unknown[] {
  const ours = allRules().flatMap((rules) => spaceSteps(rules));
  return [{ Regex: ' {2,}' }, ...ours.map((step) => objectAt(step, 'normalizer').pattern)];
}

/** The tokens that `piecesCutOut` made this step of. */
function userDefinedOf(split: JsonObject, format: string): string[] {
  const { Regex: regex } = objectAt(split.pattern, 'pre_tokenizer');
  const texts = String(regex).match(/(?:\\.|[^\\|])+/gs) ?? [];
  const userDefined = texts.map((text) => text.replace(/\\(.)/gs, '$1'));
  if (same(piecesCutOut(userDefined), split)) return userDefined;
  throw notWritable(format, 'pre_tokenizer', 'it cuts a text by a pattern');
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
