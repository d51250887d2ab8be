import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ContenderProcess } from './contender-process.js';
import { LIBRARIES } from './encoders.js';

/** Who takes part. */
export interface Contender {
  readonly name: string;
  start(): ContenderProcess;
}

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

const PACKAGES = ['@huggingface/tokenizers', 'gpt-tokenizer', 'js-tiktoken'];
const VERSIONS = ['0.2.0', '4.0.0', '1.0.21'];

export const HEDDLE: Contender = library('heddle', '');

function library(name: string, peers: string): Contender {
  const command = [process.execPath, ...process.execArgv, path('./js-worker.ts'), name, peers];
  return { name, start: () => new ContenderProcess(command) };
}

/** Those that the environment offers, and why others are left out. */
export async function findPeers(): Promise<{
  readonly found: Contender[];
  readonly skipped: string[];
}> {
  const found: Contender[] = [];
  const skipped: string[] = [];
  const { HEDDLE_PYTHON: python } = process.env;
  for (const name of ['tokenizers', 'tiktoken']) {
    const command = [python ?? '', path('../python_peer.py'), name];
    if (python) found.push({ name, start: () => new ContenderProcess(command) });
    else skipped.push(`${name}: skipped, HEDDLE_PYTHON is not set`);
  }
  try {
    const folder = await packages();
    for (const name of LIBRARIES.keys())
      if (name !== HEDDLE.name) found.push(library(name, folder));
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    skipped.push(`${PACKAGES.join(', ')}: skipped, they do not install (${reason})`);
  }
  return { found, skipped };
}

/** The folder where the npm packages are; they are no dependencies of ours. */
async function packages(): Promise<string> {
  const { HEDDLE_PEERS: given } = process.env;
  const folder = given || join(tmpdir(), 'heddle-bench-tokenizer');
  const missing = PACKAGES.some((name) => !existsSync(join(folder, 'node_modules', name)));
  if (!missing) return folder;
  if (given) throw new Error(`HEDDLE_PEERS ${given} does not have them`);
  await mkdir(folder, { recursive: true });
  const wanted = PACKAGES.map((name, i) => `${name}@${VERSIONS[i]}`);
  const flags = ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts'];
  await promisify(execFile)('npm', [...flags, ...wanted], { timeout: 120_000 });
  return folder;
}
