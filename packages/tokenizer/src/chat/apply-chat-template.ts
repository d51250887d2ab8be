import type { Json } from '@heddle/core';
import type { TextTokenizer } from '../tokenizer.js';
import { assistantRanges, tokenMask } from './assistant-ranges.js';
import { type ChatTemplate, chatTemplate, type Rendered } from './chat-template.js';
import { type EncodedChat, encodeRendered } from './encode-rendered.js';
import { markedInput, stringsOf } from './marked-input.js';
import { marksFor } from './marks.js';
import type { Range } from './ranges.js';
import { type SpecialRanges, specialRanges } from './special-ranges.js';

/** A message as templates read it; besides its role usually `content`, a string or parts, or `tool_calls`. */
export interface ChatMessage {
  readonly role: string;
  readonly [field: string]: Json | undefined;
}

export interface RenderChatOptions {
  /** Ends with what makes the model answer. Default false. */
  readonly addGenerationPrompt?: boolean;
  /** Descriptions of functions, as JSON schemas. Default none. */
  readonly tools?: readonly Json[];
  /** Texts to answer from. Default none. */
  readonly documents?: readonly Json[];
  /** Other variables of the template: `enable_thinking` … */
  readonly variables?: Readonly<Record<string, Json>>;
  /** What `strftime_now` tells. Default the present. */
  readonly now?: Date;
  /** Milliseconds that a template may take. Default 5000. */
  readonly timeLimit?: number;
}

export interface ApplyChatTemplateOptions extends RenderChatOptions {
  /** Special tokens in messages, tools and documents are read as such, not as text. Default false. */
  readonly parseSpecialTokens?: boolean;
  /** Also tells which tokens the assistant wrote, for losses. Default false. */
  readonly assistantMask?: boolean;
  /** Also tells where each token lies in the text. Default false. */
  readonly offsets?: boolean;
}

export interface AppliedChat extends EncodedChat {
  readonly text: string;
  /** 1 for each token that the assistant wrote; only if asked for. */
  readonly assistantMask?: Uint8Array;
}

/**
 * The text of a chat.
 *
 * @param template a template, or its source
 * @throws tokenizer/bad-template, tokenizer/template-refused, tokenizer/template-limit
 */
export function renderChat(
  template: ChatTemplate | string,
  messages: readonly ChatMessage[],
  options: RenderChatOptions = {},
): string {
  return renderer(templateOf(template), messages, options)(messages.length).text;
}

/**
 * The text and the ids of a chat, as `apply_chat_template` of Hugging Face's transformers has them: the template adds
 * all special tokens there are. What looks like one in a message is text, unless `parseSpecialTokens` is set.
 *
 * @throws what `renderChat` throws, and tokenizer/no-assistant-mask
 */
export function applyChatTemplate(
  tokenizer: TextTokenizer,
  template: ChatTemplate | string,
  messages: readonly ChatMessage[],
  options: ApplyChatTemplateOptions = {},
): AppliedChat {
  const find = specialRanges(tokenizer);
  const parsed = templateOf(template);
  const render = renderer(parsed, messages, options, options.parseSpecialTokens ? undefined : find);
  const whole = render(messages.length, options.addGenerationPrompt);
  const { assistantMask: mask = false, offsets: wanted = false } = options;
  const { text, literal } = whole;
  const { ids, offsets } = encodeRendered(tokenizer, text, literal, find, mask || wanted);
  const ranges = (): readonly Range[] =>
    parsed.marksGeneration
      ? whole.generated
      : assistantRanges(messages, text, (count, prompt) => render(count, prompt).text);
  return {
    text,
    ids,
    ...(wanted && { offsets }),
    ...(mask && offsets && { assistantMask: tokenMask(offsets, ranges()) }),
  };
}

function templateOf(template: ChatTemplate | string): ChatTemplate {
  return typeof template === 'string' ? chatTemplate(template) : template;
}

/** Renders the first messages, in one time limit for all calls. */
function renderer(
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  options: RenderChatOptions,
  find: SpecialRanges = () => [],
): (count: number, addGenerationPrompt?: boolean) => Rendered {
  const { tools = null, documents = null, variables = {}, now = new Date() } = options;
  const deadline = performance.now() + (options.timeLimit ?? 5000);
  const input = { messages: messages.map(withoutNulls), tools, documents };
  const marks = marksFor([template.source, ...stringsOf({ ...input, variables })]);
  const marked = markedInput(input, find, marks) as typeof input;
  return (count, addGenerationPrompt = options.addGenerationPrompt ?? false) => {
    const all = new Map<string, Json>([
      ...Object.entries(variables),
      ...Object.entries(marked),
      ['messages', marked.messages.slice(0, count)],
      ['add_generation_prompt', addGenerationPrompt],
    ]);
    return template.render(all, { deadline, now, marks });
  };
}

/** Many templates take a field that is null for a field that is there. */
function withoutNulls(message: ChatMessage): { readonly [field: string]: Json } {
  const fields = Object.entries(message).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  return Object.fromEntries(fields) as { readonly [field: string]: Json };
}
