import { HeddleError, type Tokenizer } from '@heddle/core';

/** A text with its right label. */
export interface LabelledText {
  readonly text: string;
  readonly label: string;
}

/** Texts as tokens of at most the longest length, and how many had to be cut for that. */
export interface EncodedTexts {
  readonly ids: readonly Int32Array[];
  readonly truncated: number;
}

/**
 * Encodes texts. One that is too long keeps its beginning, between the special tokens that the
 * tokenizer puts around a text.
 *
 * Errors: `finetune/empty-text` for a text that gives no token, `invalid-argument` if `maxLength`
 * has no room for one token of text.
 */
export function encodeTexts(
  texts: readonly string[],
  tokenizer: Tokenizer,
  maxLength: number,
): EncodedTexts {
  if (!Number.isInteger(maxLength) || maxLength < 1) throw badMaxLength(maxLength, 1);
  let truncated = 0;
  const ids = texts.map((text, index) => {
    const whole = tokenizer.encode(text).ids;
    if (whole.length === 0) {
      throw new HeddleError(
        'finetune/empty-text',
        `Text number ${index} (from 0), ${JSON.stringify(text)}, gives no token. Leave empty texts out.`,
        { index },
      );
    }
    if (whole.length <= maxLength) return whole;
    truncated++;
    return truncate(text, whole, tokenizer, maxLength);
  });
  return { ids, truncated };
}

/** Cuts the text's own tokens so that they fit with the special ones before and after them. */
function truncate(
  text: string,
  whole: Int32Array,
  tokenizer: Tokenizer,
  maxLength: number,
): Int32Array {
  const own = tokenizer.encode(text, { addSpecialTokens: false }).ids;
  const room = maxLength - (whole.length - own.length);
  if (room < 1) throw badMaxLength(maxLength, 1 + whole.length - own.length);
  for (let before = 0; before <= whole.length - own.length; before++) {
    if (!own.every((id, i) => whole[before + i] === id)) continue;
    const cut = whole.slice(0, maxLength);
    cut.set(whole.subarray(before + own.length), before + room);
    return cut;
  }
  return whole.slice(0, maxLength);
}

function badMaxLength(given: number, least: number): HeddleError {
  return new HeddleError(
    'invalid-argument',
    `maxLength must be an integer from ${least} on (special tokens included), not ${given}.`,
    { argument: 'maxLength', given },
  );
}

/**
 * The labels that occur, in code unit order.
 * Throws `finetune/missing-label` if there are fewer than two: nothing to tell apart.
 */
export function labelsOf(examples: readonly LabelledText[]): readonly string[] {
  const labels = [...new Set(examples.map(({ label }) => label))].sort();
  if (labels.length < 2) {
    throw new HeddleError(
      'finetune/missing-label',
      `The examples have ${labels.length === 0 ? 'no label' : `only the label "${labels[0]}"`}; ` +
        'a classifier needs at least two to tell apart.',
      { labels, missing: [] },
    );
  }
  return labels;
}

/** The place of each example's label. Throws `finetune/unknown-label`. */
export function labelIndices(
  examples: readonly { readonly label: string }[],
  labels: readonly string[],
): Int32Array {
  const places = new Map(labels.map((label, i) => [label, i]));
  return Int32Array.from(examples, ({ label }, index) => {
    const at = places.get(label);
    if (at !== undefined) return at;
    throw new HeddleError(
      'finetune/unknown-label',
      `Example number ${index} (from 0) has the label "${label}", which is not among [${labels.join(', ')}].`,
      { label, labels, index },
    );
  });
}
