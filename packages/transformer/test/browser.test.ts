import { accessSync, constants, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HeddleError } from '@heddle/core';
import { type CpuBackend, cpu } from '@heddle/cpu';
import { build } from 'esbuild';
import { type Browser, launch } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PageRun } from './browser/page.js';
import { trainTinyGpt } from './browser/train.js';

/*
 * A GPT trains in a real page, on the WebAssembly kernels, to the losses that it has in Node: alone
 * where the page is not cross-origin isolated, with threads where it is.
 */

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

function openBackend(threads: number): CpuBackend | undefined {
  try {
    return cpu({ kernels: 'wasm', threads });
  } catch (error) {
    if (HeddleError.is(error, 'cpu/no-wasm')) return undefined;
    throw error;
  }
}

/** The losses in Node, and whether with relaxed SIMD. */
async function trainHere(threads: number): Promise<{ losses: number[]; relaxed: boolean }> {
  const backend = openBackend(threads);
  if (backend === undefined) throw new Error('no WebAssembly kernels');
  const losses = await trainTinyGpt(backend);
  await backend[Symbol.asyncDispose]();
  return { losses, relaxed: backend.description.includes('relaxed') };
}

const chromium = findChromium();
const probe = openBackend(1);
await probe?.[Symbol.asyncDispose]();
const reason =
  chromium === undefined
    ? 'there is no Chromium on the PATH'
    : probe === undefined
      ? 'the WebAssembly module was not built'
      : '';
if (reason) console.log(`tests in a browser are skipped: ${reason}`);

const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** The program for the page, from the sources. */
async function bundlePage(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./browser/page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@heddle/source'],
    external: ['node:*'], // of functions for files, which the page does not use
  });
  return outputFiles[0].text;
}

/** Serves the page, its program and the modules; below /isolated/ with the headers that allow threads. */
function serve(program: string): Server {
  const wasm = new URL('../../backends/cpu/dist/wasm/', import.meta.url);
  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const headers = pathname.startsWith('/isolated/') ? ISOLATED : {};
    const file = pathname.split('/').at(-1) ?? '';
    if (file === '') {
      response.writeHead(200, { ...headers, 'Content-Type': 'text/html' });
      response.end('<script type="module" src="page.js"></script>');
    } else if (file === 'page.js') {
      response.writeHead(200, { ...headers, 'Content-Type': 'text/javascript' });
      response.end(program);
    } else if (pathname.includes('/wasm/')) {
      response.writeHead(200, { ...headers, 'Content-Type': 'application/wasm' });
      response.end(readFileSync(new URL(file, wasm)));
    } else {
      response.writeHead(404).end();
    }
  }).listen(0, '127.0.0.1');
}

describe.skipIf(reason !== '')(`in a browser${reason && ` (${reason})`}`, () => {
  let browser: Browser;
  let server: Server;
  let program: string;

  beforeAll(async () => {
    program = await bundlePage();
    server = serve(program);
    browser = await launch({ executablePath: chromium, args: ['--no-sandbox'] });
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  async function trainThere(path: string, options: object): Promise<PageRun> {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
    await page.waitForFunction('globalThis.trainInPage');
    const run = await page.evaluate(`trainInPage(${JSON.stringify(options)})`);
    await page.close();
    return run as PageRun;
  }

  test('the program for a page needs nothing of Node', () => {
    expect(program).not.toContain('node:');
    expect(program).not.toContain('koffi');
  });

  test('alone, in a page that is not cross-origin isolated', async () => {
    const here = await trainHere(1);
    const there = await trainThere('/', { threads: 2, relaxed: here.relaxed });
    expect(there.description).toMatch(/^wasm kernels .*, 1 thread: the page is not .* isolated$/);
    expect(there.losses).toEqual(here.losses);
    expect(there.losses.at(-1)).toBeLessThan(0.8 * there.losses[0]);
  });

  test('with threads, in a page that is', async () => {
    const here = await trainHere(2);
    const there = await trainThere('/isolated/', { threads: 2, relaxed: here.relaxed });
    expect(there.description).toMatch(/, 2 threads$/);
    expect(there.losses).toEqual(here.losses);
  });

  test('a folder without the module is an error that says so', async () => {
    await expect(trainThere('/', { url: '/nowhere' })).rejects.toThrow('/nowhere/heddle');
  });
});
