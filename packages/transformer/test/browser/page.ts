import { type CpuWasmOptions, cpuWasm } from '@heddle/cpu/browser';
import { trainTinyGpt } from './train.js';

/** What the test calls in the page: trains there, and says how. */
async function trainInPage(options: CpuWasmOptions): Promise<PageRun> {
  const backend = await cpuWasm(options);
  const losses = await trainTinyGpt(backend);
  await backend[Symbol.asyncDispose]();
  return { description: backend.description, losses };
}

export interface PageRun {
  readonly description: string;
  readonly losses: readonly number[];
}

Object.assign(globalThis, { trainInPage });
