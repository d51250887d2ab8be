import { HeddleError } from '@heddle/core';
import type { Range } from './ranges.js';

/**
 * What the assistant wrote in a rendered chat, for templates without blocks `generation`: a message of its is what the
 * chat up to it has more than the chat before it, with what makes the model answer. So the end of its turn belongs to it.
 *
 * @param render the text of the first messages, with what makes the model answer or not
 * @throws tokenizer/no-assistant-mask where the text of a chat does not begin with the text of its beginning
 */
export function assistantRanges(
  messages: readonly { readonly role: string }[],
  text: string,
  render: RenderFirst,
): Range[] {
  const ranges: Range[] = [];
  for (const [i, { role }] of messages.entries()) {
    if (role !== 'assistant') continue;
    const until = render(i + 1, false);
    const start = lengthBefore(i, until, render);
    if (start === undefined || !text.startsWith(until)) throw noMask(i);
    ranges.push([start, until.length]);
  }
  return ranges;
}

type RenderFirst = (count: number, addGenerationPrompt: boolean) => string;

/** How much of a text stands there before the message is, if it begins so. */
function lengthBefore(message: number, until: string, render: RenderFirst): number | undefined {
  for (const prompt of [true, false]) {
    const before = textBefore(message, prompt, render);
    if (before !== undefined && until.startsWith(before)) return before.length;
  }
  return undefined;
}

/** Undefined where the template refuses a chat that ends here. */
function textBefore(message: number, prompt: boolean, render: RenderFirst): string | undefined {
  try {
    return render(message, prompt);
  } catch (error) {
    if (HeddleError.is(error, 'tokenizer/template-limit')) throw error;
    return undefined;
  }
}

/** 1 for each token that lies at least in part in one of the ranges, which are in order. */
export function tokenMask(offsets: Int32Array, ranges: readonly Range[]): Uint8Array {
  const mask = new Uint8Array(offsets.length / 2);
  let next = 0;
  for (let i = 0; i < mask.length; i++) {
    const [start, end] = [offsets[2 * i], offsets[2 * i + 1]];
    while (next < ranges.length && ranges[next][1] <= start) next++;
    if (next < ranges.length && end > ranges[next][0]) mask[i] = 1;
  }
  return mask;
}

function noMask(message: number): HeddleError<'tokenizer/no-assistant-mask'> {
  return new HeddleError(
    'tokenizer/no-assistant-mask',
    `assistantMask: the template writes the messages before messages[${message}], or after it, differently once there are more, so what the assistant wrote cannot be told. Put blocks {% generation %} … {% endgeneration %} into the template.`,
    { message },
  );
}
