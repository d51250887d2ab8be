import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/* Every example runs as its README says, with a seed, and its loss lands where it is expected. */

const exec = promisify(execFile);
const examples = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(examples);
const tsx = pathToFileURL(join(root, 'node_modules/tsx/dist/loader.mjs')).href;
const shakespeare = join(root, '../shared/data/pretrain/tinyshakespeare');
const nightly = process.env.HEDDLE_NIGHTLY === '1';

/** The folder of this run's own texts: the repository's guides, nine tenths and the rest. */
let texts: string;

beforeAll(async () => {
  texts = await mkdtemp(join(tmpdir(), 'heddle-examples-'));
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    'docs/architecture.md',
    'docs/getting-started.md',
    'docs/plugins/README.md',
  ];
  const text = (await Promise.all(pages.map((page) => readFile(join(root, page), 'utf8')))).join(
    '\n',
  );
  await writeFile(join(texts, 'all.txt'), text);
  await writeFile(join(texts, 'seen.txt'), text.slice(0, 0.9 * text.length));
  await writeFile(join(texts, 'held.txt'), text.slice(0.9 * text.length));
});

afterAll(() => rm(texts, { recursive: true, force: true }));

async function run(name: string, args: readonly string[], seconds: number): Promise<string> {
  const file = join(examples, name, 'src/main.ts');
  const options = { cwd: join(examples, name), timeout: seconds * 1000 };
  const { stdout } = await exec(
    process.execPath,
    ['--conditions=@heddle/source', '--import', tsx, file, ...args],
    options,
  );
  return stdout;
}

function numberAfter(label: string, output: string): number {
  const found = output.match(new RegExp(`${label} ([\\d.]+)`));
  if (!found) throw new Error(`no "${label}" in:\n${output}`);
  return Number(found[1]);
}

describe('train-char-gpt', () => {
  it('learns from the guides, to the same bits each time', async () => {
    const args = [join(texts, 'seen.txt'), join(texts, 'held.txt'), '60'];
    const first = await run('train-char-gpt', args, 200);
    expect(numberAfter('validation loss', first)).toBeLessThan(3.2);
    expect(await run('train-char-gpt', args, 200)).toBe(first);
  }, 400_000);

  const reason = !existsSync(shakespeare)
    ? 'tinyshakespeare is not beside the repository'
    : nightly
      ? undefined
      : 'two thousand steps: npm run nightly';
  it.skipIf(reason !== undefined)(
    `reaches 1.95 on tinyshakespeare in 2,000 steps${reason ? ` (skipped: ${reason})` : ''}`,
    async () => {
      const args = ['train.txt', 'val.txt'].map((name) => join(shakespeare, name));
      const output = await run('train-char-gpt', args, 1500);
      expect(numberAfter('validation loss', output)).toBeLessThanOrEqual(1.95);
    },
    1_600_000,
  );
  it.skipIf(reason !== undefined)(
    `loses less than half a percent in mixed precision${reason ? ` (skipped: ${reason})` : ''}`,
    async () => {
      const args = ['train.txt', 'val.txt'].map((name) => join(shakespeare, name));
      const losses: number[] = [];
      for (const precision of ['f32', 'bf16']) {
        const output = await run('train-char-gpt', [...args, '500', precision], 800);
        losses.push(numberAfter('validation loss', output));
      }
      expect(Math.abs(losses[1] / losses[0] - 1)).toBeLessThan(0.005);
    },
    1_600_000,
  );
});

describe('custom-trainer', () => {
  it('learns, and the average of the weights with it', async () => {
    const output = await run('custom-trainer', [join(texts, 'all.txt'), '60'], 200);
    const losses = [...output.matchAll(/step \d+: ([\d.]+), average ([\d.]+)/g)].map(
      ([, now, average]) => [Number(now), Number(average)],
    );
    expect(losses).toHaveLength(3);
    expect(losses[2][0]).toBeLessThan(3.6);
    expect(losses[2][1]).toBeLessThan(losses[0][1]);
  }, 400_000);
});

describe('pretrain-bert', () => {
  it('learns to fill in blanks', async () => {
    const output = await run('pretrain-bert', [join(texts, 'all.txt'), '80'], 200);
    expect(numberAfter('masked loss', output)).toBeLessThan(numberAfter('chance', output) - 0.5);
    expect(output).toContain('A package imports only ___ layers.  ->');
  }, 400_000);
});
