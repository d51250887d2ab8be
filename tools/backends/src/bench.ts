// A training step of the tiny GPT on every backend and mode that can serve here, each in a process of its own, in turn.
// node --conditions=@heddle/source --import tsx tools/backends/src/bench.ts [--rounds 3] [--json]
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { candidates } from './candidates.js';
import { BATCH, TinyRun } from './tiny-gpt.js';

const WARM_UP = 5;
const SECONDS = 2;

interface Measured {
  /** Median time of a step, ms. */
  readonly step: number;
  /** Growth of the process's largest resident size since before the backend was made, MB. */
  readonly memory: number;
  readonly loss: number;
}

const { values } = parseArgs({
  options: {
    worker: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const { here, absent } = await candidates();
if (values.worker === undefined) await table(Number(values.rounds));
else console.log(JSON.stringify(await measure(values.worker)));

async function measure(name: string): Promise<Measured> {
  const before = process.resourceUsage().maxRSS;
  const candidate = here.find((one) => one.name === name);
  if (candidate === undefined) throw new Error(`no backend "${name}" here`);
  await using backend = await candidate.make();
  const run = new TinyRun(backend);
  let loss = 0;
  for (let i = 0; i < WARM_UP; i++) loss = await run.step();
  const times: number[] = [];
  const began = performance.now();
  do {
    const start = performance.now();
    await run.step();
    times.push(performance.now() - start);
  } while (performance.now() - began < SECONDS * 1000);
  const memory = (process.resourceUsage().maxRSS - before) / 1024;
  return { step: median(times), memory, loss };
}

async function table(rounds: number): Promise<void> {
  const all = new Map(here.map(({ name }) => [name, [] as Measured[]]));
  for (let round = 0; round < rounds; round++) {
    for (const { name } of here) {
      process.stderr.write(`\r\u001b[2Kround ${round + 1} of ${rounds}: ${name}`);
      all.get(name)?.push(await inProcess(name));
    }
  }
  process.stderr.write('\r\u001b[2K');
  const tokens = BATCH.rows * BATCH.length;
  const rows = [...all].map(([name, measured]) => ({
    name,
    step: median(measured.map((m) => m.step)),
    memory: median(measured.map((m) => m.memory)),
    loss: measured[0].loss,
  }));
  console.log('| backend              | step, ms | tokens/s | memory, MB | loss after 5 steps |');
  console.log('| -------------------- | -------: | -------: | ---------: | -----------------: |');
  for (const { name, step, memory, loss } of rows) {
    const cells = [
      step.toFixed(1).padStart(8),
      ((tokens / step) * 1000).toFixed(0).padStart(8),
      memory.toFixed(0).padStart(10),
      loss.toFixed(5).padStart(18),
    ];
    console.log(`| ${name.padEnd(20)} | ${cells.join(' | ')} |`);
  }
  for (const { name, reason } of absent) console.log(`not here: ${name}: ${reason}`);
  if (values.json) {
    const own = rows.find(({ name }) => name.startsWith('cpu'))?.step ?? Number.NaN;
    const ratios = Object.fromEntries(rows.map(({ name, step }) => [name, own / step]));
    console.log(JSON.stringify({ ratios }));
  }
}

async function inProcess(name: string): Promise<Measured> {
  const file = fileURLToPath(import.meta.url);
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...process.execArgv,
    file,
    '--worker',
    name,
  ]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
