import { createHash } from 'node:crypto';
import type { Json, Tokenizer } from '@heddle/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { CL100K_PATTERN } from '../src/formats/byte-level-content.js';
import { bertJson, gpt2Json, sentencePieceJson, tiktokenJson } from '../src/formats/index.js';
import { tokenizerFromJson } from '../src/tokenizer-json.js';
import { type FormatsGolden, golden } from './golden.js';
import { type WrittenFile, writtenFiles } from './written-files.js';

/* The libraries that our files are for, given these very files: tools/golden/tokenizer/written.py. */

interface WrittenCase {
  readonly name: string;
  readonly library: WrittenFile['library'];
  readonly sha256: string;
  readonly ids: readonly (readonly number[])[];
}

const { texts } = golden<FormatsGolden>('formats.json');
const cases = golden<WrittenCase[]>('written.json');

/** Where sentencepiece's ids are others than those of the same vocabulary in Hugging Face's library, and here. */
const OTHER_THAN_SENTENCEPIECE: readonly { text: RegExp; reason: string }[] = [
  {
    text: /^x<0x41>y$/,
    reason: 'the name of a byte token, written in a text, is that token to Hugging Face',
  },
  {
    text: /^(a{120,}| {130}x\n+|ing {2}gingingggginggg {3}g inging)$/,
    reason: 'paths that are equally good: sentencepiece adds scores as 32-bit numbers',
  },
];

function contentOf({ library, name, file }: WrittenFile): Json {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(file);
  switch (library) {
    case 'sentencepiece':
      return sentencePieceJson(file);
    case 'tiktoken': {
      if (name === 'cl100k') return tiktokenJson(text, { pattern: CL100K_PATTERN });
      const specialTokens = ['<|endoftext|>', '<|pad|>'].map((token, id) => [token, id] as const);
      return tiktokenJson(text, { pattern: 'gpt2', specialTokens });
    }
    case 'bert':
      return bertJson(text);
    case 'gpt2': {
      const { vocab, merges } = JSON.parse(text) as { vocab: string; merges: string };
      return gpt2Json(vocab, merges, { specialTokens: ['<|endoftext|>', '<|pad|>'] });
    }
  }
}

/** The texts for which the ids are others, but for those whose reason is known. */
function differences(
  tokenizer: Tokenizer,
  { library, ids }: WrittenCase,
  compared: (text: string) => boolean,
): unknown[] {
  return texts.flatMap((text, i) => {
    const known = OTHER_THAN_SENTENCEPIECE.some((each) => each.text.test(text));
    if (!compared(text) || (known && library === 'sentencepiece')) return [];
    const given = [...tokenizer.encode(text).ids];
    return given.join() === ids[i].join() ? [] : [{ text, given, ids: ids[i] }];
  });
}

/** Only single spaces, between words. */
const plainSpaces = (text: string): boolean => !/^[ ▁]|[ ▁]$| {2}/.test(text);

describe('files that we write', () => {
  let files: readonly WrittenFile[];
  beforeAll(async () => {
    files = await writtenFiles();
  });

  it('are all given to the libraries', () => {
    const names = (all: readonly { library: string; name: string }[]): string[] =>
      all.map(({ library, name }) => `${library}: ${name}`);
    expect(names(files)).toEqual(names(cases));
  });

  describe.each(cases.map((each, i) => ({ ...each, i })))('$library: $name', (golden) => {
    it('are those that the library read', () => {
      const digest = createHash('sha256').update(files[golden.i].file).digest('hex');
      expect(digest).toBe(golden.sha256);
    });

    it('give its ids when they are read', () => {
      const read = tokenizerFromJson(contentOf(files[golden.i]));
      expect(differences(read, golden, () => true)).toEqual([]);
    });

    it('give the ids of the tokenizer that was written', () => {
      const { tokenizer, otherSpaces } = files[golden.i];
      const compared = otherSpaces ? plainSpaces : () => true;
      expect(texts.filter(compared).length).toBeGreaterThan(50);
      expect(differences(tokenizer, golden, compared)).toEqual([]);
    });
  });
});
