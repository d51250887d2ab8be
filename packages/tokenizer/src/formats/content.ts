import type { Json } from '@heddle/core';

/** The parts of a `tokenizer.json`, made from other files. */

export interface ContentParts {
  readonly addedTokens: readonly AddedTokenJson[];
  readonly normalizer?: Json;
  readonly preTokenizer?: Json;
  readonly postProcessor?: Json;
  readonly decoder: Json;
  readonly model: Json;
}

export interface AddedTokenJson {
  readonly [key: string]: Json;
  readonly id: number;
  readonly content: string;
}

export function tokenizerContent(parts: ContentParts): Json {
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [...parts.addedTokens].sort((a, b) => a.id - b.id),
    normalizer: parts.normalizer ?? null,
    pre_tokenizer: parts.preTokenizer ?? null,
    post_processor: parts.postProcessor ?? null,
    decoder: parts.decoder,
    model: parts.model,
  };
}

export function addedToken(id: number, content: string, special: boolean): AddedTokenJson {
  return {
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special,
  };
}

/** Several steps as one part: nothing for none, and one alone for itself. */
export function sequence(key: string, steps: readonly Json[]): Json {
  if (steps.length === 0) return null;
  return steps.length === 1 ? steps[0] : { type: 'Sequence', [key]: steps };
}

export interface SpecialToken {
  readonly id: number;
  readonly content: string;
}

/**
 * A `TemplateProcessing` that puts special tokens before and after a text: of a pair the first has them
 * all, the second `between` before it, if given, else `before`, and `after` behind it.
 */
export function template(
  before: readonly SpecialToken[],
  after: readonly SpecialToken[],
  between: readonly SpecialToken[] = before,
): Json {
  if (before.length + after.length === 0) return null;
  const special = (tokens: readonly SpecialToken[], type_id: number): Json[] =>
    tokens.map(({ content }) => ({ SpecialToken: { id: content, type_id } }));
  const text = (id: string, type_id: number): Json => ({ Sequence: { id, type_id } });
  const single = [...special(before, 0), text('A', 0), ...special(after, 0)];
  const second = [...special(between, 1), text('B', 1), ...special(after, 1)];
  return {
    type: 'TemplateProcessing',
    single,
    pair: [...single, ...second],
    special_tokens: Object.fromEntries(
      [...before, ...between, ...after].map(({ id, content }) => [
        content,
        { id: content, ids: [id], tokens: [content] },
      ]),
    ),
  };
}
