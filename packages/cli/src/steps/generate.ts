import type { Backend, LanguageModel, Params, Tokenizer } from '@heddle/core';
import { generate } from '@heddle/transformer';
import type { ResolvedConfig } from '../config/schema.js';

/** Text that follows `prompt`, told piece by piece. Without a prompt it begins a document. */
export async function writeText(task: {
  readonly model: LanguageModel;
  readonly params: Params;
  readonly tokenizer: Tokenizer;
  readonly backend: Backend;
  readonly prompt: string;
  readonly endOfText: string;
  readonly options: ResolvedConfig['generate'];
  readonly seed: number;
  readonly signal?: AbortSignal;
  readonly onText?: (piece: string) => void;
}): Promise<string> {
  const { tokenizer, prompt, endOfText, options, onText, ...rest } = task;
  const end = tokenizer.idOf(endOfText);
  const ids = [...(end === undefined ? [] : [end]), ...tokenizer.encode(prompt).ids];
  let text = '';
  for await (const token of generate({
    ...rest,
    ...options,
    tokenizer,
    prompt: ids,
    eos: end,
    overflow: 'slide',
  })) {
    text += token.text;
    onText?.(token.text);
  }
  return text;
}
