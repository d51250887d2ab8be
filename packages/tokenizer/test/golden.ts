import { readFileSync } from 'node:fs';
import type { Json } from '@heddle/core';

export interface TrainingCase {
  readonly name: string;
  readonly texts: readonly string[];
  readonly vocabSize: number;
  readonly minFrequency: number;
  readonly specialTokens: readonly string[];
  readonly vocab: readonly string[];
  readonly merges: readonly string[];
}

export interface Encoded {
  readonly ids: readonly number[];
  readonly offsets: readonly number[];
}

export interface EncodingGolden {
  readonly tokenizer: { readonly [key: string]: Json };
  readonly strings: readonly string[];
  readonly special: readonly string[];
  readonly variants: readonly {
    readonly name: string;
    readonly sections: { readonly [key: string]: Json };
    readonly asText: readonly Encoded[];
    readonly parsed: readonly Encoded[];
  }[];
}

export interface OurTokenizerCase extends Encoded {
  readonly text: string;
  readonly decoded: string;
}

/** A file that tools/golden/tokenizer made with Hugging Face's library. */
export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`golden/${name}`, import.meta.url), 'utf8')) as T;
}
