import { check, show } from '../assert.js';
import { skip } from '../runner.js';
import type { TokenizerTest } from './suite.js';

const ASCII = "It's 12:30; they'll pay $1,234.56 (or not).";

export function offsetTests(test: TokenizerTest, texts: readonly string[]): void {
  test('offsets', 'only if asked for', (tokenizer) => {
    check(tokenizer.encode(ASCII).offsets === undefined, 'offsets come without being asked for');
  });

  test('offsets', 'two a token, in order, within the text', (tokenizer) => {
    for (const text of texts) {
      const { ids, offsets } = tokenizer.encode(text, { addSpecialTokens: false, offsets: true });
      if (offsets === undefined) skip('not offered');
      check(
        offsets instanceof Int32Array && offsets.length === 2 * ids.length,
        () => `${show(text)}: ${ids.length} tokens, ${offsets.length} offsets`,
      );
      for (let i = 0; i < offsets.length; i += 2) {
        const [start, end] = [offsets[i], offsets[i + 1]];
        check(
          0 <= start && start <= end && end <= text.length,
          () => `${show(text)}: token ${i / 2} is at [${start}, ${end}) of ${text.length}`,
        );
        check(
          i === 0 || (offsets[i - 2] <= start && offsets[i - 1] <= end),
          () =>
            `${show(text)}: token ${i / 2} at [${start}, ${end}) comes before the one before it`,
        );
      }
    }
  });

  test('offsets', 'cover the text', (tokenizer) => {
    const { offsets } = tokenizer.encode(ASCII, { addSpecialTokens: false, offsets: true });
    if (offsets === undefined) skip('not offered');
    for (let at = 0; at < ASCII.length; at++) {
      let covered = ASCII[at] === ' ';
      for (let i = 0; i < offsets.length && !covered; i += 2) {
        covered = offsets[i] <= at && at < offsets[i + 1];
      }
      check(covered, () => `${show(ASCII)}: no token covers "${ASCII[at]}" at ${at}`);
    }
  });

  test('offsets', 'do not change the ids', (tokenizer) => {
    for (const text of texts.slice(0, 20)) {
      const plain = tokenizer.encode(text).ids;
      const { ids } = tokenizer.encode(text, { offsets: true });
      check(plain.join() === ids.join(), () => `${show(text)} has other ids with offsets`);
    }
  });
}
