import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { trainBpe } from '@heddle/tokenizer';
import { type Encode, LIBRARIES } from './encoders.js';
import type { Request } from './protocol.js';

/** A process of one library: `js-worker.ts NAME FOLDER-OF-PACKAGES`. */

const [name, peers] = process.argv.slice(2);
const library = LIBRARIES.get(name);
if (!library) throw new Error(`There is no library ${name}`);
let encode: Encode | undefined;

const texts = (path: string): string[] => JSON.parse(readFileSync(path, 'utf8'));

function encodeAll(path: string): object {
  if (!encode) throw new Error('nothing was loaded');
  const all = texts(path);
  const start = performance.now();
  const ids: ArrayLike<number>[] = [];
  for (const text of all) ids.push(encode(text));
  const milliseconds = performance.now() - start;
  const hash = createHash('sha256');
  let tokens = 0;
  for (const each of ids) {
    tokens += each.length;
    hash.update(new Uint8Array(Int32Array.from(each).buffer));
  }
  return { milliseconds, tokens, digest: hash.digest('hex') };
}

async function train(path: string, vocabSize: number): Promise<object> {
  const all = texts(path);
  const start = performance.now();
  const tokenizer = await trainBpe(all, { vocabSize, minFrequency: 2 });
  const milliseconds = performance.now() - start;
  const { model } = tokenizer.toJSON() as { model: { merges: readonly (string | string[])[] } };
  const lines = model.merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' ')));
  return { milliseconds, digest: createHash('sha256').update(lines.join('\n')).digest('hex') };
}

async function answer(request: Request): Promise<object> {
  switch (request.do) {
    case 'version':
      return { version: library!.version(peers) };
    case 'load': {
      const start = performance.now();
      encode = await library!.load(request.vocabulary, request.path, peers);
      return { milliseconds: performance.now() - start };
    }
    case 'encode':
      return encodeAll(request.path);
    case 'train':
      return train(request.path, request.vocabSize);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const reply = await answer(JSON.parse(line)).catch((error: Error) => ({ failed: error.message }));
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
