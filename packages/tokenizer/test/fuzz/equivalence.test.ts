import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { tokenizerFromJson } from '../../src/tokenizer-json.js';
import { expectConsistent } from './checks.js';
import { attempt, fuzz } from './fuzz.js';
import { anyTexts } from './texts.js';
import { TOKENIZERS } from './tokenizers.js';

const load = () => new Map([...TOKENIZERS].map(([name, json]) => [name, tokenizerFromJson(json)]));
/** Each keeps what it has learnt of its texts; the second is never asked for offsets. */
const [first, second] = [load(), load()];
const plain = { truncation: false, padding: false } as const;
/**
 * Those that keep the order of a text: no normalizer, no bytes that come before what is unknown, no trimming, which
 * as in Hugging Face's library takes a character for the space that was put before it.
 */
const IN_ORDER = [...TOKENIZERS]
  .filter(([, { normalizer, model, post_processor }]) => {
    const { byte_fallback } = model as { byte_fallback?: boolean };
    return (
      !normalizer && !byte_fallback && !JSON.stringify(post_processor)?.includes('trim_offsets')
    );
  })
  .map(([name]) => name);

describe('tokenizers of the golden files', () => {
  const names = fc.constantFrom(...TOKENIZERS.keys());

  fuzz(
    'give the same ids on all ways, whatever they encoded before',
    1200,
    fc.tuple(names, anyTexts),
    ([name, text]) => {
      const tokenizer = first.get(name);
      const other = second.get(name);
      if (!tokenizer || !other) throw new Error(`There is no ${name}.`);
      expectConsistent(tokenizer, text);
      const fast = attempt(() => other.encode(text, plain));
      const slow = attempt(() => tokenizer.encode(text, { ...plain, offsets: true }));
      if (typeof fast === 'string' || typeof slow === 'string') expect(fast).toBe(slow);
      else expect([...fast.ids]).toEqual([...slow.ids]);
    },
  );

  fuzz(
    'that keep the order of a text tell places from left to right',
    1000,
    fc.tuple(fc.constantFrom(...IN_ORDER), anyTexts),
    ([name, text]) => {
      const encoding = first
        .get(name)
        ?.encode(text, { ...plain, offsets: true, addSpecialTokens: false });
      const offsets = [...(encoding?.offsets ?? [])];
      const starts = offsets.filter((_, i) => i % 2 === 0);
      const ends = offsets.filter((_, i) => i % 2 === 1);
      expect(starts).toEqual(starts.toSorted((a, b) => a - b));
      expect(ends).toEqual(ends.toSorted((a, b) => a - b));
    },
  );
});
