import type { Json } from '@heddle/core';
import { MOST_BYTES, readHead } from './reading.js';

/** Metadata with a vocabulary has a few megabytes. */
const FIRST_BYTES = 1 << 22;

/** The vocabulary of a GGUF file, of which no more is read than the metadata needs: there may be gigabytes of tensors. */
export async function ggufContent(path: string): Promise<Json> {
  const { ggufJson } = await import('../formats/gguf.js');
  const { endsInMetadata } = await import('../formats/gguf-reader.js');
  for (let length = FIRST_BYTES; ; length *= 4) {
    const head = await readHead(path, length);
    try {
      return ggufJson(head);
    } catch (error) {
      const whole = head.length < length || length >= MOST_BYTES;
      if (whole || !endsInMetadata(error)) throw error;
    }
  }
}
