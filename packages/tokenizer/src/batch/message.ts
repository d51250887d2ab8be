import { type ErrorCode, HeddleError, type Json } from '@heddle/core';
import type { EncodeIntoOptions } from '../tokenizer.js';
import type { EncodedTexts } from './encoded-texts.js';

/** What a worker begins with: the path of a `tokenizer.json`, or its content. */
export interface WorkerStart {
  readonly source: Json;
}

/** What a worker is asked for; without texts whether it is ready. */
export interface EncodeTask {
  readonly texts: readonly string[];
  readonly options: EncodeIntoOptions;
}

/** An error that can be sent: of its own kind an error would lose its code on the way. */
interface SentError {
  readonly message: string;
  readonly code: ErrorCode | undefined;
  readonly details: HeddleError['details'] | undefined;
}

export type EncodeReply = { readonly encoded: EncodedTexts } | { readonly error: SentError };

export function sentError(error: unknown): SentError {
  const { code, details } = HeddleError.is(error) ? error : { code: undefined, details: undefined };
  return { message: error instanceof Error ? error.message : String(error), code, details };
}

export function receivedError({ message, code, details }: SentError): Error {
  if (code === undefined || details === undefined) return new Error(message);
  return new HeddleError(code, message, details);
}
