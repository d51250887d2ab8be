import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkContract } from '@heddle/core';
import { sourceSuite } from '@heddle/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lines, plugin } from '../src/index.js';

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lines-'));
  file = join(folder, 'text.txt');
  await writeFile(file, 'one\ntwo\n\nfour: häuser, 家\r\nfive\n  \nseven');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

sourceSuite({ runner: { describe, it }, create: () => lines({ file }) });

const all = { rank: 0, worldSize: 1 };

async function texts(path: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { value } of lines({ file: path }).read(all)) found.push(value.text);
  return found;
}

it('gives every line that is not blank', async () => {
  expect(await texts(file)).toEqual(['one', 'two', 'four: häuser, 家', 'five', 'seven']);
});

it('names the line in the id', async () => {
  for await (const { value, cursor } of lines({ file }).read({ ...all, after: 2 })) {
    expect(value.id).toBe(`${file}:4`);
    expect(cursor).toBe(4);
    break;
  }
});

it('says what is wrong with a file or a cursor', async () => {
  await expect(texts(join(folder, 'absent.txt'))).rejects.toThrow(/no such file/);
  await expect(texts(folder)).rejects.toThrow(/it is a folder/);
  const read = lines({ file })
    .read({ ...all, after: 'x' })
    [Symbol.asyncIterator]();
  await expect(read.next()).rejects.toThrow(/not a cursor/);
});

it('is offered to the command by its name', async () => {
  checkContract(plugin);
  const make = plugin.sources?.['part-name'];
  expect((await make?.({ file }))?.name).toBe('part-name');
  expect(() => make?.({})).toThrow(/"file" cannot be null/);
  expect(() => make?.({ file, encoding: 'latin1' })).toThrow(/"encoding" cannot be "latin1"/);
});
