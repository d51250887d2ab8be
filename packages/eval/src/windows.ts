import { type Document, HeddleError, type Tokenizer } from '@heddle/core';

/** A stretch of one document's tokens, as a model sees it, and which of them it is scored on. */
export interface Window {
  /** Number of the document this is part of, from 0. */
  readonly document: number;
  /** What the model reads. */
  readonly ids: Int32Array;
  /** What each position should predict; -100 where another window scores that token. */
  readonly targets: Int32Array;
}

/** A document as tokens, and the UTF-8 bytes of the text that its scored tokens stand for. */
export interface TokenizedDocument {
  /** The start token if there is one, then the text's. The first is read but not scored. */
  readonly ids: Int32Array;
  readonly bytes: number;
}

/**
 * Encodes a text behind `startToken`, so that every token of the text is scored; without one the
 * text's first token has nothing before it, is not scored, and its bytes do not count.
 */
export function tokenizeDocument(
  text: string,
  tokenizer: Tokenizer,
  startToken: number | undefined,
): TokenizedDocument {
  const options = { addSpecialTokens: false, offsets: startToken === undefined };
  const { ids, offsets } = tokenizer.encode(text, options);
  if (startToken !== undefined) {
    const behind = new Int32Array(ids.length + 1);
    behind[0] = startToken;
    behind.set(ids, 1);
    return { ids: behind, bytes: Buffer.byteLength(text) };
  }
  if (ids.length > 0 && offsets === undefined) {
    throw new HeddleError(
      'invalid-argument',
      'The tokenizer gives no offsets, so the bytes of the first token are unknown. Give a startToken.',
      { argument: 'startToken', given: null },
    );
  }
  return { ids, bytes: Buffer.byteLength(text.slice(offsets?.[1] ?? 0)) };
}

/**
 * Cuts a document into windows of at most `length` positions, `stride` apart; each token but the
 * first is scored once, by the first window that reaches it (so with the most context that this
 * stride gives). The last window may be shorter.
 */
export function* documentWindows(
  document: number,
  ids: Int32Array,
  length: number,
  stride: number,
): Generator<Window> {
  let scored = 0;
  for (let start = 0; scored < ids.length - 1; start += stride) {
    const end = Math.min(start + length, ids.length - 1);
    const targets = new Int32Array(end - start).fill(-100);
    targets.set(ids.subarray(scored + 1, end + 1), scored - start);
    yield { document, ids: ids.subarray(start, end), targets };
    scored = end;
  }
}

/** The token that texts begin with, if the tokenizer knows one of the usual names. */
export function defaultStartToken(tokenizer: Tokenizer): number | undefined {
  for (const name of ['<|begin_of_text|>', '<s>', '<|startoftext|>', '<|endoftext|>']) {
    const id = tokenizer.idOf(name);
    if (id !== undefined) return id;
  }
  return undefined;
}

/** All windows of all documents, and what each document is in bytes. */
export async function* windowsOf(
  documents: Iterable<Document> | AsyncIterable<Document>,
  options: {
    tokenizer: Tokenizer;
    startToken: number | undefined;
    length: number;
    stride: number;
    onDocument: (bytes: number) => void;
  },
): AsyncGenerator<Window> {
  let number = 0;
  for await (const { text } of documents) {
    const { ids, bytes } = tokenizeDocument(text, options.tokenizer, options.startToken);
    options.onDocument(bytes);
    yield* documentWindows(number++, ids, options.length, options.stride);
  }
}
