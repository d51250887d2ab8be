import { HeddleError, type Json } from '@heddle/core';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import type { TextTokenizer } from '../../src/tokenizer.js';
import { tokenizerFromJson } from '../../src/tokenizer-json.js';
import { expectConsistent, expectReadBack } from './checks.js';
import { fuzz } from './fuzz.js';
import { mutated, mutations } from './mutations.js';
import { anyTexts } from './texts.js';
import { assembled, assembledJson, DONORS, TOKENIZERS } from './tokenizers.js';

/** The tokenizer, or undefined where it is refused: by a code of the package, with a place. */
function read(json: Json): TextTokenizer | undefined {
  try {
    return tokenizerFromJson(json);
  } catch (error) {
    if (!HeddleError.is(error)) throw error;
    expect(['tokenizer/bad-json', 'tokenizer/unsupported']).toContain(error.code);
    expect(error.details).toMatchObject({ place: expect.stringMatching(/./s) });
    expect(error.message.length).toBeLessThan(10_000);
    return undefined;
  }
}

function expectGood(json: Json, texts: readonly string[]): void {
  const tokenizer = read(json);
  if (!tokenizer) return;
  for (const text of texts) expectConsistent(tokenizer, text);
  expectReadBack(tokenizer, texts);
}

const texts = fc.array(anyTexts, { minLength: 1, maxLength: 3 });

describe('a tokenizer.json is read, or refused with the place', () => {
  fuzz(
    'changed here and there',
    500,
    fc.tuple(fc.constantFrom(...TOKENIZERS.keys()), mutations(DONORS, 3), texts),
    ([name, changes, some]) => expectGood(mutated(TOKENIZERS.get(name) as Json, changes), some),
  );

  fuzz(
    'put together from others',
    500,
    fc.tuple(assembled, mutations(DONORS, 2), texts),
    ([sections, changes, some]) => expectGood(mutated(assembledJson(sections), changes), some),
  );
});
