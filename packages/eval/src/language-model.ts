import {
  type Backend,
  type Document,
  type Estimate,
  HeddleError,
  type LanguageModel,
  type Params,
  type TokenBatch,
  type Tokenizer,
} from '@heddle/core';
import { predictionLosses } from './prediction-losses.js';
import {
  bitsPerByte,
  perplexity,
  type RatioState,
  type TokenLoss,
  tokenLoss,
} from './token-loss.js';
import { defaultStartToken, type Window, windowsOf } from './windows.js';

interface Subject {
  readonly model: LanguageModel;
  readonly params: Params;
  readonly backend: Backend;
  /** Called after each forward pass with the number of tokens scored so far. */
  readonly onProgress?: (tokens: number) => void;
  readonly signal?: AbortSignal;
}

export interface DocumentEvaluation extends Subject {
  /** Held-out text. Empty documents count for nothing. */
  readonly documents: Iterable<Document> | AsyncIterable<Document>;
  readonly tokenizer: Tokenizer;
  /**
   * What stands before each document, so that its first token is predicted too. Default: the
   * tokenizer's `<|begin_of_text|>`, `<s>`, `<|startoftext|>` or `<|endoftext|>`; `null` for none.
   */
  readonly startToken?: number | null;
  /** Positions of a window. Default: the model's context length. */
  readonly length?: number;
  /** Positions from one window to the next; less than `length` gives more context and takes longer. Default: `length`. */
  readonly stride?: number;
  /** Windows in one forward pass. Default 8. */
  readonly rows?: number;
}

export interface BatchEvaluation extends Subject {
  /** Rows are the sample then, and there are no bytes, so no bits per byte. */
  readonly batches: Iterable<TokenBatch> | AsyncIterable<TokenBatch>;
}

export interface LanguageModelEvaluation {
  /** Mean loss of a token, in nats. */
  readonly loss: Estimate;
  readonly perplexity: Estimate;
  /** Undefined where the text is not known (`batches`). */
  readonly bitsPerByte: Estimate | undefined;
  /** Tokens scored. */
  readonly tokens: number;
  /** UTF-8 bytes of their text; undefined where it is not known. */
  readonly bytes: number | undefined;
  /** The three estimates by metric name, as `formatReport` takes them. */
  readonly estimates: Readonly<Record<string, Estimate>>;
}

/**
 * Loss, perplexity and bits per byte of a language model, with standard errors over documents
 * (`documents`, `tokenizer`) or rows (`batches`).
 *
 * Documents are cut into windows of the context length; with the default stride each window's first
 * position has no more context than that one token (the "rolling" likelihood of EleutherAI's
 * lm-evaluation-harness). Batches without targets are scored on the next token of the same segment.
 *
 * Errors: `eval/not-causal` for documents or targetless batches with a bidirectional model,
 * `eval/empty` if no token was scored, `eval/non-finite` for a loss that is not a number,
 * `invalid-argument` for lengths outside the context, and the signal's reason.
 */
export async function evaluateLanguageModel(
  options: DocumentEvaluation | BatchEvaluation,
): Promise<LanguageModelEvaluation> {
  const observations =
    'batches' in options ? await rowLosses(options) : await documentLosses(options);
  const measured = observations.filter(({ tokens }) => tokens > 0);
  const fold = (metric: typeof loss): Estimate =>
    metric.value(measured.reduce<RatioState>((s, o) => metric.add(s, o), metric.empty()));
  const loss = tokenLoss();
  const estimates = { loss: fold(loss), perplexity: fold(perplexity()) };
  const tokens = sumOf(measured, (o) => o.tokens);
  if ('batches' in options) {
    return { ...estimates, bitsPerByte: undefined, tokens, bytes: undefined, estimates };
  }
  const bits = fold(bitsPerByte());
  return {
    ...estimates,
    bitsPerByte: bits,
    tokens,
    bytes: sumOf(measured, (o) => o.bytes ?? 0),
    estimates: { ...estimates, 'bits-per-byte': bits },
  };
}

const sumOf = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0);

/** One observation a document, also for those without tokens. */
async function documentLosses(options: DocumentEvaluation): Promise<TokenLoss[]> {
  const { model, documents, tokenizer, rows = 8, length = model.contextLength } = options;
  const { stride = length, startToken = defaultStartToken(tokenizer) } = options;
  checkCausal(model);
  checkInteger('length', length, model.contextLength);
  checkInteger('stride', stride, length);
  checkInteger('rows', rows, 2 ** 20);
  const found: { loss: number; tokens: number; bytes: number }[] = [];
  const windows = windowsOf(documents, {
    tokenizer,
    startToken: startToken ?? undefined,
    length,
    stride,
    onDocument: (bytes) => found.push({ loss: 0, tokens: 0, bytes }),
  });
  let scored = 0;
  const score = async (batch: readonly Window[]): Promise<void> => {
    options.signal?.throwIfAborted();
    const width = Math.max(...batch.map(({ ids }) => ids.length));
    const losses = await predictionLosses(options, padded(batch, width));
    batch.forEach(({ document, targets }, row) => {
      targets.forEach((target, column) => {
        if (target === -100) return;
        found[document].loss += losses[row * width + column];
        found[document].tokens++;
        scored++;
      });
    });
    options.onProgress?.(scored);
  };
  let batch: Window[] = [];
  for await (const window of windows) {
    batch.push(window);
    if (batch.length < rows) continue;
    await score(batch);
    batch = [];
  }
  if (batch.length > 0) await score(batch);
  return found;
}

/** Windows as rows of one width; padding is a segment of its own and predicts nothing. */
function padded(windows: readonly Window[], width: number): Required<TokenBatch> {
  const size = windows.length * width;
  const ids = new Int32Array(size);
  const targets = new Int32Array(size).fill(-100);
  const segments = new Int32Array(size).fill(1);
  windows.forEach((window, row) => {
    ids.set(window.ids, row * width);
    targets.set(window.targets, row * width);
    segments.fill(0, row * width, row * width + window.ids.length);
  });
  return { rows: windows.length, length: width, ids, targets, segments };
}

/** One observation a row. */
async function rowLosses(options: BatchEvaluation): Promise<TokenLoss[]> {
  const found: TokenLoss[] = [];
  let scored = 0;
  for await (const batch of options.batches) {
    options.signal?.throwIfAborted();
    checkInteger('batch.length', batch.length, options.model.contextLength);
    if (batch.targets === undefined) checkCausal(options.model);
    const targets = batch.targets ?? nextTokens(batch);
    const losses = await predictionLosses(options, { ...batch, targets });
    for (let row = 0; row < batch.rows; row++) {
      let loss = 0;
      let tokens = 0;
      for (let i = row * batch.length; i < (row + 1) * batch.length; i++) {
        if (targets[i] === -100) continue;
        loss += losses[i];
        tokens++;
      }
      found.push({ loss, tokens });
      scored += tokens;
    }
    options.onProgress?.(scored);
  }
  return found;
}

/** Each position predicts the next of its row, unless that begins another segment. */
function nextTokens({ rows, length, ids, segments }: TokenBatch): Int32Array {
  const targets = new Int32Array(rows * length).fill(-100);
  for (let i = 0; i < rows * length; i++) {
    if ((i + 1) % length === 0) continue;
    if (segments === undefined || segments[i] === segments[i + 1]) targets[i] = ids[i + 1];
  }
  return targets;
}

function checkCausal({ causal, config }: LanguageModel): void {
  if (causal) return;
  const architecture = String(config.model_type ?? 'this model');
  throw new HeddleError(
    'eval/not-causal',
    `${architecture} sees the tokens after a position, so it cannot be scored on predicting them. ` +
      'Give a causal model, or batches whose targets are masked tokens.',
    { architecture },
  );
}

function checkInteger(argument: string, given: number, most: number): void {
  if (Number.isInteger(given) && given >= 1 && given <= most) return;
  throw new HeddleError(
    'invalid-argument',
    `${argument} must be an integer from 1 to ${most}, not ${given}.`,
    { argument, given },
  );
}
