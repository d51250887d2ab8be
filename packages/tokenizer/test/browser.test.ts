import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { type Browser, launch, type Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenizerFromJson } from '../src/index.js';
import { SCANNER_WASM } from '../src/scanner/scanner-wasm.js';
import { type EncodingGolden, golden } from './golden.js';

/** The program of one file in `test/browser`. It fails on an import that a browser does not have. */
async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`./browser/${entry}.ts`, import.meta.url))],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@heddle/source'],
  });
  return outputFiles[0].text;
}

function findChromium(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(executable);
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const chromium = findChromium();
if (!chromium) console.log('tests in a browser are skipped: there is no Chromium on the PATH');
const { tokenizer: small, strings } = golden<EncodingGolden>('encoding.json');
const gpt2File = new URL(
  '../../../../shared/data/tokenizers/gpt2/tokenizer.json.gz',
  import.meta.url,
);
const tokenizers = new Map<string, unknown>([['small', small]]);
if (existsSync(gpt2File)) {
  tokenizers.set('GPT-2', JSON.parse(gunzipSync(readFileSync(gpt2File)).toString()));
} else console.log(`GPT-2 in a browser: skipped, there is no ${gpt2File.pathname}`);
/** Also what engines read differently. */
const texts = [
  ...strings,
  '',
  'hasOwnProperty __proto__',
  '\ufeffx\u0085y\u001cz',
  'ſ ½ ² ① ΑΣ',
  '\ud800x',
];
/** Enough for a tokenizer to take its scanner in WebAssembly; what comes after it is cut there. */
texts.unshift(strings.join(' ').repeat(1 + Math.ceil(70_000 / strings.join(' ').length)));

describe('a program for a page', () => {
  it('of what encodes with one model has less than 30 KB compressed', async () => {
    const program = await bundled('one-model');
    const size = gzipSync(program, { level: 9 }).length;
    console.log(`one model: ${size} bytes, compressed`);
    expect(size).toBeLessThan(30 * 1024);
    expect(program).not.toContain(SCANNER_WASM.slice(0, 64));
  });

  it('of everything needs nothing of Node', async () => {
    const program = await bundled('everything');
    console.log(`everything: ${gzipSync(program, { level: 9 }).length} bytes, compressed`);
    expect(program).not.toMatch(/["'`]node:|\brequire\(|\bprocess\.|\bBuffer\./);
  });
});

describe.skipIf(!chromium)(`in a browser${chromium ? '' : ' (there is no Chromium)'}`, () => {
  let browser: Browser;
  let server: Server;

  beforeAll(async () => {
    const programs = new Map([
      ['/one-model.js', await bundled('one-model')],
      ['/everything.js', await bundled('everything')],
    ]);
    server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      const program = programs.get(pathname);
      const json = tokenizers.get(decodeURIComponent(pathname.slice(1)));
      if (pathname === '/strict')
        response.setHeader('Content-Security-Policy', "script-src 'self'");
      if (program) response.setHeader('Content-Type', 'text/javascript').end(program);
      else if (json)
        response.setHeader('Content-Type', 'application/json').end(JSON.stringify(json));
      else response.setHeader('Content-Type', 'text/html').end('<title>Heddle</title>');
    }).listen(0, '127.0.0.1');
    browser = await launch({ executablePath: chromium, args: ['--no-sandbox'] });
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  async function open(path = ''): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`);
    return page;
  }

  /** Ids from the page, or from a worker of it. Texts go as UTF-16 units: JSON would mend lone surrogates. */
  async function encodeThere(
    program: string,
    tokenizer: string,
    worker: boolean,
  ): Promise<number[][]> {
    const page = await open();
    const units = texts.map(unitsOf);
    const ids = await page.evaluate(`(async () => {
      const texts = ${JSON.stringify(units)}.map((units) => String.fromCharCode(...units));
      const tokenizer = await (await fetch('/${encodeURIComponent(tokenizer)}')).json();
      if (!${worker}) {
        await import('/${program}.js');
        return globalThis.encodeTexts({ tokenizer, texts });
      }
      const thread = new Worker('/${program}.js', { type: 'module' });
      return new Promise((resolve, reject) => {
        thread.onmessage = ({ data }) => resolve(data);
        thread.onerror = ({ message }) => reject(new Error(message));
        thread.postMessage({ tokenizer, texts });
      });
    })()`);
    await page.close();
    return ids as number[][];
  }

  it.each(
    [...tokenizers.keys()].flatMap((name) =>
      ['one-model', 'everything'].flatMap((program) =>
        [false, true].map((worker) => [name, program, worker] as const),
      ),
    ),
  )('%s, %s, in a worker: %s: the ids are those of Node', async (name, program, worker) => {
    const { encode } = tokenizerFromJson(tokenizers.get(name));
    const expected = texts.map((text) => [...encode(text).ids]);
    expect(await encodeThere(program, name, worker)).toEqual(expected);
  });

  it.each([
    ['there is a scanner in WebAssembly', '', 'made'],
    ['the page forbids WebAssembly', 'strict', 'refused'],
  ])('where %s, the ids are those of Node', async (_, path, outcome) => {
    const page = await open(path);
    const made = await page.evaluate(`(async () => {
      const outcomes = [];
      const { Module } = WebAssembly;
      WebAssembly.Module = function (bytes) {
        try {
          const module = new Module(bytes);
          outcomes.push('made');
          return module;
        } catch (error) {
          outcomes.push('refused');
          throw error;
        }
      };
      const texts = ${JSON.stringify(texts.map(unitsOf))}.map((units) => String.fromCharCode(...units));
      const tokenizer = await (await fetch('/small')).json();
      await import('/everything.js');
      return { outcomes, ids: globalThis.encodeTexts({ tokenizer, texts }) };
    })()`);
    await page.close();
    const { encode } = tokenizerFromJson(small);
    const ids = texts.map((text) => [...encode(text, { offsets: true }).ids]);
    expect(made).toEqual({ outcomes: [outcome], ids });
  });
});

function unitsOf(text: string): number[] {
  return Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
}
