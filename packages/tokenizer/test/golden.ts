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

export interface ModelCase {
  readonly name: string;
  readonly bytes: boolean;
  /** The library's offsets are not where the tokens lie. */
  readonly misplaced: boolean;
  readonly model: { readonly [key: string]: Json };
  readonly texts: readonly string[];
  /** null where Hugging Face's library refuses the text. */
  readonly encoded: readonly (Encoded | null)[];
}

/** Files of other libraries, with the ids that these give for the texts. */
export interface FormatsGolden {
  readonly texts: readonly string[];
  readonly tiktoken: FormatCase;
  readonly sentencepiece: readonly FormatCase[];
}

export interface FormatCase {
  readonly name: string;
  /** Text, or bytes in base64. */
  readonly file: string;
  readonly ids: readonly (readonly number[])[];
}

/** A file that tools/golden/tokenizer made with Hugging Face's library. */
export function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`golden/${name}`, import.meta.url), 'utf8')) as T;
}

export interface ChatGolden {
  readonly tokenizer: Json;
  readonly special: { readonly [name: string]: string };
  readonly templates: { readonly [name: string]: string };
  readonly chats: {
    readonly [name: string]: {
      readonly messages: readonly { readonly role: string; readonly [field: string]: Json }[];
      readonly tools?: readonly Json[];
    };
  };
  readonly cases: readonly {
    readonly template: string;
    readonly chat: string;
    readonly prompt: boolean;
    readonly text?: string;
    readonly ids?: readonly number[];
    readonly mask?: readonly number[];
    readonly refused?: string;
  }[];
}
