import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { globSync } from 'tinyglobby';

/** Texts of one kind, in a file that is a JSON array of strings. */
export interface Texts {
  readonly name: string;
  readonly path: string;
  /** Of UTF-8. */
  readonly bytes: number;
}

/** A document is about as long, in UTF-16 units: it ends where a line ends. */
const DOCUMENT = 4096;

const MEGABYTE = 1e6;
const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** Books in English, novels in Chinese, and our own source code, as far as they are there. */
export async function writeTexts(
  data: string,
  megabytes: number,
  folder: string,
): Promise<{ readonly found: Texts[]; readonly skipped: string[] }> {
  const found: Texts[] = [];
  const skipped: string[] = [];
  for (const [name, read] of [
    ['books_en', () => books(data, 'books_en')],
    ['novels_zh', () => books(data, 'novels_zh')],
    ['source', sources],
  ] as const) {
    const documents = cut(read().join('\n'), megabytes * MEGABYTE);
    if (documents.length === 0) skipped.push(`${name}: skipped, there is no text in ${data}`);
    else found.push(await write(name, documents, folder));
  }
  return { found, skipped };
}

/** All books, about 24 MB, to train on. */
export async function writeCorpus(data: string, folder: string): Promise<Texts | undefined> {
  const all = [...books(data, 'books_en'), ...books(data, 'novels_zh')].join('\n');
  return all === '' ? undefined : write('corpus', cut(all, Number.POSITIVE_INFINITY), folder);
}

/** Ten megabytes without an end of a word. */
export async function writeWorstCases(folder: string): Promise<Texts[]> {
  const size = 10 * MEGABYTE;
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const bytes = Uint8Array.from({ length: (size / 4) * 3 }, () => random() * 256);
  return Promise.all(
    [
      ['a letter', 'a'.repeat(size)],
      ['spaces', ' '.repeat(size)],
      ['an emoji', '😀'.repeat(size / 4)],
      ['base64', Buffer.from(bytes).toString('base64')],
    ].map(([name, text]) => write(name, [text], folder)),
  );
}

async function write(name: string, texts: readonly string[], folder: string): Promise<Texts> {
  const path = join(folder, `${name.replaceAll(' ', '-')}.texts.json`);
  await writeFile(path, JSON.stringify(texts));
  return { name, path, bytes: texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) };
}

function books(data: string, name: string): string[] {
  const folder = join(data, 'pretrain', name, 'train');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((file) => gunzipSync(readFileSync(join(folder, file))).toString());
}

function sources(): string[] {
  const paths = globSync('{packages,tools}/**/src/**/*.ts', {
    cwd: repository,
    ignore: '**/node_modules',
  });
  return (
    paths
      .sort()
      .map((path) => readFileSync(join(repository, path), 'utf8'))
      // Some libraries refuse texts with special tokens in them, and some read them.
      .map((text) => text.replaceAll(/<(?=\||\/?s>|pad>|unk>|mask>|extra_id)/g, '< '))
  );
}

/** Documents of whole lines, of so many bytes together. */
function cut(text: string, most: number): string[] {
  const documents: string[] = [];
  let bytes = 0;
  for (let at = 0; at < text.length && bytes < most; ) {
    const end = text.indexOf('\n', at + DOCUMENT) + 1 || text.length;
    documents.push(text.slice(at, end));
    bytes += Buffer.byteLength(documents.at(-1) as string);
    at = end;
  }
  return documents;
}
