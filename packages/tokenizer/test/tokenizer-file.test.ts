import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeddleError } from '@heddle/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenizerFromJson } from '../src/index.js';
import { loadTokenizer, saveTokenizer } from '../src/node.js';
import { golden } from './golden.js';

const tokenizer = tokenizerFromJson(golden('our-tokenizer.json'));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-tokenizer-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function refusal(action: Promise<unknown>): Promise<HeddleError> {
  const error = await action.catch((thrown: unknown) => thrown);
  if (!HeddleError.is(error)) throw new Error(`no HeddleError: ${error}`);
  return error;
}

describe('tokenizer files', () => {
  it('are read as they were written, and leave nothing beside them', async () => {
    const path = join(folder, 'tokenizer.json');
    await saveTokenizer(tokenizer, path);
    await saveTokenizer(tokenizer, path);
    expect(await readdir(folder)).toEqual(['tokenizer.json']);
    const loaded = await loadTokenizer(path);
    expect(loaded.toJSON()).toEqual(tokenizer.toJSON());
    expect(loaded.encode('Hello')).toEqual(tokenizer.encode('Hello'));
  });

  it('that are cut off are refused', async () => {
    const path = join(folder, 'cut.json');
    await saveTokenizer(tokenizer, path);
    const { length } = await readFile(path);
    for (const size of [0, 1, 1000, length - 3]) {
      await truncate(path, size);
      const error = await refusal(loadTokenizer(path));
      expect(error).toMatchObject({ code: 'bad-file', details: { path } });
      expect(error.message).toContain(path);
    }
  });

  it('that are not UTF-8 are refused', async () => {
    const path = join(folder, 'binary.json');
    await writeFile(path, Uint8Array.of(0x22, 0xff, 0xfe, 0x22));
    expect(await refusal(loadTokenizer(path))).toMatchObject({ code: 'bad-file' });
  });

  it('with a part that is not there are refused by path and place', async () => {
    const path = join(folder, 'other.json');
    await writeFile(path, JSON.stringify({ model: { type: 'Rot13' } }));
    const error = await refusal(loadTokenizer(path));
    expect(error).toMatchObject({
      code: 'tokenizer/unsupported',
      details: { place: 'model.type', given: 'Rot13' },
    });
    expect(error.message).toContain(path);
  });

  it('that do not exist are an io error', async () => {
    for (const name of ['missing.json', 'missing.gguf', 'missing.model', 'missing/merges.txt']) {
      const missing = join(folder, name);
      const error = await refusal(loadTokenizer(missing));
      expect(error).toMatchObject({ code: 'io', details: { operation: 'read' } });
      expect(error.message).toContain(join(folder, 'missing'));
    }
  });

  it('that cannot be written leave the old file and no other', async () => {
    const taken = join(folder, 'taken.json');
    await mkdir(join(taken, 'inside'), { recursive: true });
    const before = await readdir(folder);
    const error = await refusal(saveTokenizer(tokenizer, taken));
    expect(error).toMatchObject({ code: 'io', details: { path: taken, operation: 'write' } });
    expect(await readdir(folder)).toEqual(before);
    const nowhere = await refusal(saveTokenizer(tokenizer, join(folder, 'no', 'such', 'a.json')));
    expect(nowhere).toMatchObject({ code: 'io' });
  });

  it.skipIf(process.getuid?.() === 0)('in a read-only folder are an io error', async () => {
    const readOnly = join(folder, 'read-only');
    await mkdir(readOnly, { mode: 0o500 });
    const error = await refusal(saveTokenizer(tokenizer, join(readOnly, 'a.json')));
    expect(error).toMatchObject({ code: 'io' });
    await chmod(readOnly, 0o700);
  });
});
