import type { Tokenizer } from '@heddle/core';
import { check, equal, show } from '../assert.js';
import { skip } from '../runner.js';
import type { TokenizerSuiteOptions, TokenizerTest } from './suite.js';
import { wellFormed } from './texts.js';

/** Special tokens by id: those named, and those that decoding leaves out by default. */
function specialTokens(tokenizer: Tokenizer, named: readonly string[]): Map<number, string> {
  const found = new Map<number, string>();
  for (let id = 0; id < tokenizer.vocabSize; id++) {
    const token = tokenizer.tokenOf(id);
    if (token === undefined || tokenizer.decode([id]) !== '') continue;
    if (tokenizer.decode([id], { skipSpecialTokens: false }) !== '') found.set(id, token);
  }
  for (const token of named) {
    const id = tokenizer.idOf(token);
    check(id !== undefined, `the special token ${show(token)} has no id`);
    found.set(id, token);
  }
  if (found.size === 0) skip('it has no special tokens');
  return found;
}

export function specialTokenTests(
  test: TokenizerTest,
  { specialTokens: named = [], roundTrip = wellFormed }: TokenizerSuiteOptions,
): void {
  test('special tokens', 'written in a text are text', (tokenizer) => {
    const special = specialTokens(tokenizer, named);
    for (const token of special.values()) {
      for (const text of [token, `before${token}after`, `a ${token} b`, token + token]) {
        const { ids } = tokenizer.encode(text, { addSpecialTokens: false });
        const injected = ids.find((id) => special.has(id));
        check(injected === undefined, () => `${show(text)} gives the special id ${injected}`);
        const back = tokenizer.decode(ids);
        check(back === roundTrip(text), () => `${show(text)} came back as ${show(back)}`);
      }
    }
  });

  test('special tokens', 'are read with parseSpecialTokens', (tokenizer) => {
    for (const [id, token] of specialTokens(tokenizer, named)) {
      const { ids } = tokenizer.encode(`before${token}after`, {
        addSpecialTokens: false,
        parseSpecialTokens: true,
      });
      const count = ids.filter((other) => other === id).length;
      check(count === 1, () => `before${token}after gives id ${id} ${count} times, not once`);
    }
  });

  test('special tokens', 'are left out of decoded text only when asked', (tokenizer) => {
    const { ids } = tokenizer.encode('plain text', { addSpecialTokens: false });
    const text = tokenizer.decode(ids);
    for (const [id, token] of specialTokens(tokenizer, named)) {
      const around = [id, ...ids, id];
      for (const skipped of [
        tokenizer.decode(around),
        tokenizer.decode(around, { skipSpecialTokens: true }),
      ]) {
        check(skipped === text, () => `${token} should be left out, but gave ${show(skipped)}`);
      }
      const kept = tokenizer.decode(around, { skipSpecialTokens: false });
      const first = kept.indexOf(token);
      check(
        first >= 0 && kept.indexOf(token, first + token.length) > 0,
        () => `${token} should be kept twice, but gave ${show(kept)}`,
      );
    }
  });

  test('special tokens', 'are all that addSpecialTokens adds', (tokenizer) => {
    const special = specialTokens(tokenizer, named);
    for (const text of ['plain text', '']) {
      const bare = tokenizer.encode(text, { addSpecialTokens: false }).ids;
      const whole = tokenizer.encode(text).ids;
      const without = whole.filter((id) => !special.has(id));
      check(
        equal(without, bare),
        () => `${show(text)}: ${show(whole)} is not ${show(bare)} and special tokens`,
      );
    }
  });
}
