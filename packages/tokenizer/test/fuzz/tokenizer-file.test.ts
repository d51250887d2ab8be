import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeddleError, type Json } from '@heddle/core';
import fc from 'fast-check';
import { afterAll, describe, expect } from 'vitest';
import { loadTokenizer } from '../../src/tokenizer-file.js';
import { brokenBytes, byteChanges } from './bytes.js';
import { fuzz } from './fuzz.js';
import { TOKENIZERS } from './tokenizers.js';

const folder = mkdtempSync(join(tmpdir(), 'heddle-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'tokenizer.json');

const files = new Map(
  [...TOKENIZERS].map(([name, json]) => [
    name,
    new TextEncoder().encode(JSON.stringify(json as Json)),
  ]),
);

describe('loadTokenizer', () => {
  fuzz(
    'reads or refuses files that are cut off or changed',
    300,
    fc.tuple(fc.constantFrom(...files.keys()), byteChanges, fc.option(fc.nat(1 << 20))),
    async ([name, changes, end]) => {
      const file = brokenBytes(files.get(name) as Uint8Array, changes);
      writeFileSync(path, end === null ? file : file.subarray(0, end % (file.length + 1)));
      try {
        const tokenizer = await loadTokenizer(path);
        tokenizer.encode('a');
      } catch (error) {
        if (!HeddleError.is(error)) throw error;
        expect(error.code).toMatch(/^(bad-file|tokenizer\/bad-json|tokenizer\/unsupported)$/);
        expect(error.message).toContain(path);
      }
    },
  );
});
