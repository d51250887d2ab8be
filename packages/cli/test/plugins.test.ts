import type { Callback, Plugin } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { findPart, makePart } from '../src/plugins.js';

const bell = (name: string): Plugin => ({
  contract: 1,
  name,
  callbacks: { bell: () => ({ name: 'bell' }) },
});

describe('names of parts', () => {
  it('become parts, with their options', async () => {
    const plugin: Plugin = {
      contract: 1,
      name: 'a',
      callbacks: { named: ({ name }): Callback => ({ name: String(name) }) },
    };
    expect(await makePart([plugin], 'callbacks', 'named', { name: 'x' })).toEqual({ name: 'x' });
  });

  it('are refused if two plug-ins offer them, in any order', () => {
    for (const plugins of [
      [bell('a'), bell('b')],
      [bell('b'), bell('a')],
    ]) {
      expect(() => findPart(plugins, 'callbacks', 'bell')).toThrow(/both offer callbacks "bell"/);
    }
  });

  it('are refused if nobody offers them, with the nearest', () => {
    expect(() => findPart([bell('a')], 'callbacks', 'bel')).toThrow(/did you mean "bell"/);
    expect(() => findPart([bell('a')], 'callbacks', 'constructor')).toThrow(/no "constructor"/);
  });

  it('are refused of a plug-in for another version of the contracts', () => {
    const old = { ...bell('old'), contract: 2 } as unknown as Plugin;
    expect(() => findPart([old], 'callbacks', 'bell')).toThrow(/"old" was made for contract 2/);
  });
});
