import type { HeddleError, Json } from '@heddle/core';
import { unsupported } from '../json-reader.js';

/** A text has something that the vocabulary lacks, and no token stands for what is unknown. */
export function noUnknownToken(place: string, given: Json): HeddleError<'tokenizer/unsupported'> {
  return unsupported(
    place,
    given,
    'a token of model.vocab, for a text that has what model.vocab lacks',
  );
}
