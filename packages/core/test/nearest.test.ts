import { describe, expect, it } from 'vitest';
import { nearest } from '../src/index.js';

describe('nearest', () => {
  it('names what is near and nothing else', () => {
    expect(nearest('lernrate', ['lr', 'warmup'])).toBeUndefined();
    expect(nearest('warmpu', ['lr', 'warmup'])).toBe('warmup');
    expect(nearest('', ['lr'])).toBe('lr');
    expect(nearest('lr', [])).toBeUndefined();
  });

  it('takes the nearest, and the first of equals', () => {
    expect(nearest('n_embed', ['n_ember', 'n_embd', 'embed'])).toBe('n_ember');
    expect(nearest('n_embed', ['embed', 'n_embd'])).toBe('n_embd');
  });

  it('counts insertions, deletions and substitutions', () => {
    expect(nearest('abc', ['abcde'])).toBe('abcde');
    expect(nearest('abc', ['abcdef'])).toBeUndefined();
    expect(nearest('abc', ['c'])).toBe('c');
    expect(nearest('abc', ['axx'])).toBe('axx');
    expect(nearest('abc', ['xxx'])).toBeUndefined();
  });

  it('allows a third of a long word', () => {
    expect(nearest('weight_deccy', ['waight_dacay'])).toBe('waight_dacay'); // 3 of 12
    expect(nearest('kitten', ['sitting'])).toBeUndefined(); // 3 of 6
  });

  it('passes over upper and lower case, and gives the name as it is', () => {
    expect(nearest('MAXTOKENS', ['maxTokens'])).toBe('maxTokens');
  });
});
