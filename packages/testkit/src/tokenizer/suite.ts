import type { Awaitable, Json, Tokenizer } from '@heddle/core';
import { check, equal, show } from '../assert.js';
import { type Runner, Suite, skip, type Waiver } from '../runner.js';
import { offsetTests } from './offsets.js';
import { specialTokenTests } from './special-tokens.js';
import { HARD_TEXTS, LONE_SURROGATES, wellFormed } from './texts.js';
import { vocabularyTests } from './vocabulary.js';

export interface TokenizerSuiteOptions {
  readonly runner: Runner;
  readonly create: () => Awaitable<Tokenizer>;
  /** More texts to go there and back. */
  readonly texts?: readonly string[];
  /** What decoding an encoded text gives; by default the text, lone surrogates as U+FFFD. */
  readonly roundTrip?: (text: string) => string;
  /** Special tokens it must have. Others are found by their being left out of decoded text. */
  readonly specialTokens?: readonly string[];
  /** Makes a tokenizer of what `toJSON` gave, to compare with the first. */
  readonly fromJson?: (json: Json) => Awaitable<Tokenizer>;
  readonly waivers?: readonly Waiver[];
}

/** A test of a tokenizer, which is made anew for it. */
export type TokenizerTest = (
  group: string,
  name: string,
  body: (tokenizer: Tokenizer) => Awaitable<void>,
) => void;

function roundTripTests(test: TokenizerTest, options: TokenizerSuiteOptions): void {
  const { texts = [], roundTrip = wellFormed } = options;
  const groups = new Map([
    ...HARD_TEXTS,
    ['lone surrogates', LONE_SURROGATES],
    ['given texts', texts],
  ]);
  for (const [name, examples] of groups) {
    if (examples.length === 0) continue;
    test('round trip', name, (tokenizer) => {
      for (const text of examples) {
        const wanted = roundTrip(text);
        const bare = tokenizer.decode(tokenizer.encode(text, { addSpecialTokens: false }).ids);
        check(bare === wanted, () => `${show(text)} came back as ${show(bare)}`);
        const whole = tokenizer.decode(tokenizer.encode(text).ids);
        check(whole === wanted, () => `with special tokens ${show(text)} became ${show(whole)}`);
      }
    });
  }
  test('round trip', 'all texts in one', (tokenizer) => {
    const text = [...HARD_TEXTS.values(), texts].flat().join(' ');
    const got = tokenizer.decode(tokenizer.encode(text).ids);
    check(got === roundTrip(text), 'the hard texts joined by spaces do not come back');
  });
}

function idTests(test: TokenizerTest, options: TokenizerSuiteOptions): void {
  const texts = [...HARD_TEXTS.values(), LONE_SURROGATES, options.texts ?? []].flat();
  test('ids', 'in range', (tokenizer) => {
    for (const text of texts) {
      const { ids } = tokenizer.encode(text);
      check(ids instanceof Int32Array, () => `the ids of ${show(text)} are not an Int32Array`);
      const bad = ids.find((id) => id < 0 || id >= tokenizer.vocabSize);
      check(bad === undefined, () => `${show(text)} has id ${bad} of ${tokenizer.vocabSize}`);
    }
  });

  test('ids', 'the same every time', async (tokenizer) => {
    const other = await options.create();
    const first = texts.map((text) => tokenizer.encode(text).ids);
    const again = texts
      .toReversed()
      .map((text) => tokenizer.encode(text).ids)
      .reverse();
    texts.forEach((text, i) => {
      check(equal(first[i], again[i]), () => `${show(text)} has other ids the second time`);
      const ids = other.encode(text).ids;
      check(equal(first[i], ids), () => `${show(text)} has other ids in a second instance`);
    });
  });

  test('ids', 'belong to the caller', (tokenizer) => {
    const { ids } = tokenizer.encode('Hello, world!');
    const before = ids.slice();
    ids.fill(0);
    check(
      equal(tokenizer.encode('Hello, world!').ids, before),
      'changing the ids changes later ones',
    );
  });

  test('ids', 'any array-like is decoded', (tokenizer) => {
    const { ids } = tokenizer.encode('Hello, world!');
    const wanted = tokenizer.decode(ids);
    check(tokenizer.decode([...ids]) === wanted, 'an array is decoded to something else');
    const arrayLike = { ...Array.from(ids), length: ids.length };
    check(tokenizer.decode(arrayLike) === wanted, 'an array-like is decoded to something else');
    check(tokenizer.decode([]) === '', 'no ids should be decoded to the empty text');
  });
}

function jsonTests(test: TokenizerTest, { fromJson, texts = [] }: TokenizerSuiteOptions): void {
  test('toJSON', 'is JSON, the same every time', (tokenizer) => {
    const json = tokenizer.toJSON();
    const copy: unknown = JSON.parse(JSON.stringify(json));
    check(equal(copy, json), 'toJSON() gives something that JSON does not keep');
    check(equal(tokenizer.toJSON(), copy), 'toJSON() gives something else the second time');
  });

  test('toJSON', 'makes the same tokenizer again', async (tokenizer) => {
    if (fromJson === undefined) skip('no fromJson given');
    const other = await fromJson(JSON.parse(JSON.stringify(tokenizer.toJSON())) as Json);
    check(other.vocabSize === tokenizer.vocabSize, 'vocabSize differs');
    for (const text of [...HARD_TEXTS.values(), texts].flat()) {
      const same = equal(other.encode(text).ids, tokenizer.encode(text).ids);
      check(same, () => `${show(text)} has other ids after toJSON and back`);
    }
  });
}

/** Registers the conformance tests of `Tokenizer`: round trips, ids, offsets, special tokens, vocabulary, JSON. */
export function tokenizerSuite(options: TokenizerSuiteOptions): void {
  const suite = new Suite();
  const test: TokenizerTest = (group, name, body) =>
    suite.test(group, name, async () => body(await options.create()));
  roundTripTests(test, options);
  idTests(test, options);
  offsetTests(test, [...HARD_TEXTS.values(), options.texts ?? []].flat());
  specialTokenTests(test, options);
  vocabularyTests(test);
  jsonTests(test, options);
  suite.register('tokenizer', options.runner, options.waivers);
}
