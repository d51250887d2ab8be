import {
  type Backend,
  fold,
  HeddleError,
  type LanguageModel,
  type Params,
  rngKey,
  type Tokenizer,
} from '@heddle/core';
import { checkTokenIds } from '../token-ids.js';
import { LogitsReader } from './logits-reader.js';
import { checkSamplingOptions, type SamplingOptions, sampleToken } from './sample.js';
import { StopStrings } from './stop-strings.js';
import { TextStream } from './text-stream.js';

export interface GenerateOptions extends SamplingOptions {
  readonly model: LanguageModel;
  readonly params: Params;
  readonly backend: Backend;
  /** Token ids to go on from; at least one. */
  readonly prompt: ArrayLike<number>;
  /** Tokens to generate at most. */
  readonly maxTokens: number;
  /** Makes text of the ids; needed for `stop`. */
  readonly tokenizer?: Tokenizer;
  /** Generation ends before the first of these strings, across token borders; none is ever emitted. */
  readonly stop?: readonly string[];
  /** Generation ends after one of these ids. Default: `eos_token_id` of the model's configuration. */
  readonly eos?: number | readonly number[];
  /** The same seed, options and weights give the same tokens. Default 0. */
  readonly seed?: number;
  /**
   * What to do when prompt and new tokens exceed the model's context. 'error': refuse at the
   * beginning. 'slide': forget the older half whenever the context is full. Default 'error'.
   */
  readonly overflow?: 'error' | 'slide';
  /** Ends the iteration with the signal's reason, thrown. */
  readonly signal?: AbortSignal;
}

export interface GeneratedToken {
  readonly id: number;
  /** Text that became certain with this token; '' without a tokenizer. Joined, the generated text. */
  readonly text: string;
  /** Only of the last token: an end-of-text id, a stop string, or `maxTokens`. */
  readonly finishReason?: 'eos' | 'stop' | 'length';
}

/**
 * Generates tokens one after the other, each yielded as soon as it is chosen. With a model that has
 * a key-value cache every step computes one position; otherwise all of them again, with the same
 * result. The options are checked at the first `next()`.
 *
 * @throws `invalid-argument`, `transformer/token-id` and `transformer/context-length` for options
 * that do not fit the model; `transformer/logits` if the model gives no distribution
 */
export async function* generate(
  options: GenerateOptions,
): AsyncGenerator<GeneratedToken, void, undefined> {
  const { model, maxTokens, tokenizer, signal } = options;
  checkOptions(options);
  const tokens = Array.from(options.prompt);
  const ends = new Set(endIds(options));
  const key = rngKey(options.seed ?? 0);
  const text = tokenizer && new TextStream(tokenizer, tokens);
  const stop = new StopStrings(options.stop ?? []);
  using reader = new LogitsReader(
    options,
    Math.min(model.contextLength, tokens.length + maxTokens - 1),
  );

  for (let step = 0; step < maxTokens; step++) {
    signal?.throwIfAborted();
    const logits = await reader.next(tokens);
    signal?.throwIfAborted();
    const id = sampleToken(logits, options, fold(key, step), tokens);
    tokens.push(id);
    if (ends.has(id)) {
      yield { id, text: stop.push(text?.end() ?? '').text + stop.end(), finishReason: 'eos' };
      return;
    }
    const isLast = step + 1 === maxTokens;
    const piece = text ? text.push(id) + (isLast ? text.end() : '') : '';
    const passed = stop.push(piece);
    if (passed.stopped) {
      yield { id, text: passed.text, finishReason: 'stop' };
      return;
    }
    if (isLast) yield { id, text: passed.text + stop.end(), finishReason: 'length' };
    else yield { id, text: passed.text };
  }
}

function checkOptions(options: GenerateOptions): void {
  const { model, prompt, maxTokens, tokenizer, stop = [], seed = 0, overflow = 'error' } = options;
  checkSamplingOptions(options);
  const fail = (argument: string, message: string): never => {
    throw new HeddleError('invalid-argument', `generate: ${message}`, { argument, given: null });
  };
  if (!model.causal)
    fail('model', 'the model is bidirectional (as BERT is); only causal models generate.');
  if (!Number.isSafeInteger(maxTokens) || maxTokens < 1)
    fail('maxTokens', `\`maxTokens\` must be a positive integer; it is ${maxTokens}.`);
  if (!Number.isSafeInteger(seed)) fail('seed', `\`seed\` must be an integer; it is ${seed}.`);
  if (overflow !== 'error' && overflow !== 'slide')
    fail('overflow', `\`overflow\` must be 'error' or 'slide'; it is ${String(overflow)}.`);
  if (prompt.length === 0)
    fail('prompt', '`prompt` is empty; begin with the begin-of-text or end-of-text token.');
  if (stop.length > 0 && tokenizer === undefined)
    fail('stop', '`stop` strings need a `tokenizer`.');
  if (stop.includes('')) fail('stop', '`stop` has an empty string.');
  checkTokenIds(prompt, model.vocabSize);
  const asked = prompt.length + maxTokens - 1; // the last token is never put in
  if (overflow === 'error' && asked > model.contextLength)
    throw new HeddleError(
      'transformer/context-length',
      `generate: ${prompt.length} prompt tokens and ${maxTokens} new ones need ${asked} positions; the model has ` +
        `${model.contextLength}. Shorten the prompt, lower \`maxTokens\`, or pass overflow: 'slide'.`,
      { asked, limit: model.contextLength },
    );
}

/** Ids that end the text; ids of the configuration that the vocabulary lacks are no tokens of it. */
function endIds({ eos, model }: GenerateOptions): number[] {
  const given = eos ?? model.config.eos_token_id ?? [];
  const ids: readonly unknown[] = Array.isArray(given) ? given : [given];
  return ids.filter((id): id is number => typeof id === 'number' && id < model.vocabSize);
}
