import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/* The command as a person runs it: a process, its two outputs, its exit code. */

const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
const root = dirname(dirname(dirname(dirname(bin))));
const tsx = pathToFileURL(join(root, 'node_modules/tsx/dist/loader.mjs')).href;
let folder: string;

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface Options {
  readonly input?: string;
  /** Sends Ctrl-C once standard error has this text. */
  readonly interruptAt?: string;
}

function heddle(args: readonly string[], { input, interruptAt }: Options = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const argv = ['--conditions=@heddle/source', '--import', tsx, bin, ...args];
    const child = spawn(process.execPath, argv, {
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1' },
    });
    let out = '';
    let err = '';
    let asked = false;
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
      if (interruptAt && !asked && err.includes(interruptAt)) {
        asked = true;
        child.kill('SIGINT');
      }
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
    child.stdin.end(input ?? '');
  });
}

function jsonOf({ out, err }: Outcome) {
  try {
    return JSON.parse(out.trim());
  } catch {
    throw new Error(`no JSON in:\n${out}\n${err}`);
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-cli-'));
  // Documents of three kinds, all different, made of a small vocabulary.
  const words = {
    readme: [
      'install',
      'the',
      'package',
      'with',
      'npm',
      'and',
      'use',
      'its',
      'functions',
      'example',
    ],
    changelog: [
      'fixed',
      'a',
      'bug',
      'in',
      'version',
      'released',
      'added',
      'support',
      'for',
      'patch',
    ],
    license: [
      'permission',
      'is',
      'hereby',
      'granted',
      'without',
      'warranty',
      'of',
      'any',
      'kind',
      'copyright',
    ],
  };
  let state = 12345;
  const next = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (const [kind, vocabulary] of Object.entries(words)) {
    for (let i = 0; i < 16; i++) {
      const paragraph = (): string =>
        Array.from({ length: 30 }, () => vocabulary[next(10)]).join(' ');
      const text = Array.from({ length: 6 }, paragraph).join('.\n\n');
      await mkdir(join(folder, 'docs', `${kind}-${i}`), { recursive: true });
      await writeFile(
        join(folder, 'docs', `${kind}-${i}`, `${kind.toUpperCase()}.md`),
        `${text}.\n`,
      );
    }
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const small = [
  'model.layers=1',
  'model.hidden=32',
  'model.heads=2',
  'model.context=32',
  'pretrain.rows=4',
  'tokenizer.vocabSize=300',
  'corpus.validation=0.2',
  'corpus.nearDuplicates=1',
  'pretrain.checkpointEvery=5',
].flatMap((setting) => ['--set', setting]);

describe('heddle', () => {
  it('helps, on every command', async () => {
    const { code, out } = await heddle(['--help']);
    expect(code).toBe(0);
    const commands = [
      'doctor',
      'corpus',
      'tokenizer',
      'pretrain',
      'finetune',
      'eval',
      'generate',
      'export',
      'quickstart',
      'create',
    ];
    for (const name of commands) expect(out).toContain(name);
    const help = await heddle(['pretrain', '--help']);
    expect(help.code).toBe(0);
    expect(help.out).toContain('pretrain.lr');
    expect(help.out).toContain('--resume');
  });

  it('names what was mistyped, and exits with 2', async () => {
    const command = await heddle(['pretran']);
    expect([command.code, command.err]).toEqual([
      2,
      expect.stringContaining('Did you mean pretrain?'),
    ]);
    const key = await heddle(['pretrain', '--set', 'pretrain.stpes=3']);
    expect([key.code, key.err]).toEqual([2, expect.stringContaining('did you mean "steps"?')]);
    const option = await heddle(['doctor', '--jsn']);
    expect([option.code, option.err]).toEqual([2, expect.stringContaining('--json')]);
  });

  it('checks the options of the backend as well', async () => {
    for (const [setting, hint] of [
      ['backend.kernels=fast', 'backend.kernels: '],
      ['backend.thread=2', 'did you mean "threads"?'],
      ['backend.name=cpus', 'did you mean "cpu"?'],
    ]) {
      const { code, err } = await heddle(['eval', '--set', setting]);
      expect([code, err]).toEqual([2, expect.stringContaining(hint)]);
    }
  });

  it('takes a source, a stage and a callback of a plug-in', async () => {
    await writeFile(
      join(folder, 'plugged.mjs'),
      `const shout = async function* (items) {
        for await (const { value, cursor } of items) yield { value: { ...value, text: value.text.toUpperCase() }, cursor };
      };
      const numbers = { name: 'numbers', async *read({ after = -1 }) {
        for (let i = after + 1; i < 40; i++)
          yield { value: { id: String(i), text: \`document number \${i} \${'word '.repeat(i + 60)}\`, meta: {} }, cursor: i };
      } };
      const plugin = {
        contract: 1, name: 'plugged',
        sources: { numbers: () => numbers },
        stages: { shout: () => shout },
        callbacks: { bell: ({ text }) => ({ name: 'bell', onEnd: () => console.error(text) }) },
      };
      export default {
        run: 'runs/plugged', plugins: [plugin],
        corpus: { source: { name: 'numbers' }, stages: [{ name: 'shout' }], validation: 0.3, nearDuplicates: 1, minCharacters: 10 },
        tokenizer: { vocabSize: 280 },
        model: { layers: 1, heads: 1, hidden: 8, context: 8 },
        pretrain: { steps: 2, rows: 2, callbacks: [{ name: 'bell', options: { text: 'ding' } }] },
      };`,
    );
    const config = ['--config', 'plugged.mjs', '--json', '--quiet'];
    expect(jsonOf(await heddle(['corpus', 'build', ...config])).report.source.name).toBe('numbers');
    expect((await heddle(['tokenizer', 'train', ...config])).code).toBe(0);
    const ids = jsonOf(await heddle(['tokenizer', 'encode', 'WORD', ...config])).ids;
    expect(ids.length).toBeLessThan(4); // what the stage made is what was learnt
    const trained = await heddle(['pretrain', ...config]);
    expect([jsonOf(trained).step, trained.err]).toEqual([2, expect.stringContaining('ding')]);
  });

  it('begins a plug-in, whatever the configuration says', async () => {
    const config = join(folder, 'heddle.config.yaml');
    await writeFile(config, 'plugins: [heddle-not-made-yet]');
    try {
      const made = await heddle(['create', 'metric', 'heddle-not-made-yet']);
      expect([made.code, made.out]).toEqual([
        0,
        expect.stringContaining('cd heddle-not-made-yet\n  npm install\n  npm test'),
      ]);
      expect(existsSync(join(folder, 'heddle-not-made-yet', 'package.json'))).toBe(true);
      const doctor = await heddle(['doctor']);
      expect([doctor.code, doctor.err]).toEqual([
        2,
        expect.stringContaining('npm install heddle-not-made-yet'),
      ]);
    } finally {
      await rm(config);
    }
    const again = await heddle(['create', 'metric', 'heddle-not-made-yet', '--json']);
    expect([again.code, jsonOf(again).error.code]).toEqual([2, 'create/folder']);
    const kind = await heddle(['create', 'metrics', 'x']);
    expect([kind.code, kind.err]).toEqual([2, expect.stringContaining('did you mean "metric"?')]);
    const help = await heddle(['create', '--help']);
    expect(help.out).toMatch(/Kinds:\n {2}backend/);
    expect(help.out).not.toContain('--config');
  });

  it('says which command makes what is missing', async () => {
    const { code, out } = await heddle(['pretrain', '--json', '--set', 'run=nowhere']);
    expect(code).toBe(1);
    expect(jsonOf({ code, out, err: '' }).error).toMatchObject({
      code: 'cli/missing-input',
      details: { madeBy: 'heddle tokenizer train' },
    });
  });

  it('doctor tells of the machine', async () => {
    const report = jsonOf(await heddle(['doctor', '--json']));
    expect(report.node).toBe(process.versions.node);
    expect(['native', 'wasm', 'reference']).toContain(report.backends.cpu.tier);
  });

  it('goes from text to text, stops on Ctrl-C, goes on, and exports', async () => {
    const built = jsonOf(await heddle(['corpus', 'build', 'docs', '--json', '--quiet', ...small]));
    expect(built.report.source.gave.documents).toBe(48);
    const trained = jsonOf(await heddle(['tokenizer', 'train', '--json', '--quiet', ...small]));
    expect(trained.vocabSize).toBe(300);

    const ids = jsonOf(
      await heddle(['tokenizer', 'encode', '--json', 'install', 'the', 'package']),
    ).ids;
    const decoded = await heddle(['tokenizer', 'decode'], { input: ids.join(' ') });
    expect(decoded.out).toBe('install the package\n');
    expect((await heddle(['tokenizer', 'decode', 'x'])).code).toBe(2);

    const stopped = await heddle(['pretrain', ...small, '--set', 'pretrain.steps=100000'], {
      interruptAt: 'step 1/',
    });
    expect(stopped.code).toBe(130);
    expect(stopped.out).toContain('--resume');
    const again = await heddle(['pretrain', ...small, '--set', 'pretrain.steps=100000']);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('resume')]);
    const checkpoint = /Step (\d+)/.exec(stopped.out);
    const steps = Number(checkpoint?.[1]) + 5;
    const resumed = jsonOf(
      await heddle([
        'pretrain',
        '--resume',
        '--json',
        ...small,
        '--set',
        `pretrain.steps=${steps}`,
      ]),
    );
    expect(resumed).toMatchObject({ step: steps, reason: 'finished' });

    const more = ['--resume', '--profile', ...small, '--set', `pretrain.steps=${steps + 1}`];
    const timed = await heddle(['pretrain', ...more]);
    const table = timed.out.slice(timed.out.indexOf('operation')).trimEnd().split('\n');
    expect(table[0]).toMatch(/^operation +calls +ms +share +GFLOP\/s +GB\/s$/);
    expect(table.some((line) => /^adamw +\d+ +[\d.]+ +[\d.]+% /.test(line))).toBe(true);
    expect(table.at(-1)).toMatch(/from first to last went to operations\.$/);

    const evaluated = jsonOf(await heddle(['eval', '--json', ...small]));
    expect(evaluated.estimates.perplexity.value).toBeGreaterThan(1);
    const generated = await heddle([
      'generate',
      'install',
      '--json',
      '--set',
      'generate.maxTokens=5',
    ]);
    expect(jsonOf(generated).text.length).toBeGreaterThan(0);

    const exported = await heddle(['export', 'exported', '--json']);
    expect(exported.code).toBe(0);
    for (const name of ['config.json', 'model.safetensors', 'tokenizer.json']) {
      expect(existsSync(join(folder, 'exported', name))).toBe(true);
    }
    expect((await heddle(['export', 'exported'])).code).toBe(2);

    const lines = ['readme', 'changelog'].flatMap((label) =>
      Array.from({ length: 12 }, (_, i) =>
        JSON.stringify({
          label,
          text: `${label === 'readme' ? 'install the package' : 'fixed a bug'} ${i}`,
        }),
      ),
    );
    await writeFile(join(folder, 'labels.jsonl'), `${lines.join('\n')}\n`);
    const labels = [
      'finetune.train=labels.jsonl',
      'finetune.test=labels.jsonl',
      'finetune.maxLength=16',
      'finetune.epochs=20',
      'finetune.folds=2',
      'finetune.lr=0.01',
    ];
    const tuned = jsonOf(
      await heddle([
        'finetune',
        '--json',
        '--profile',
        ...labels.flatMap((setting) => ['--set', setting]),
      ]),
    );
    expect(tuned.error).toBeUndefined();
    expect(tuned.folds.folds).toHaveLength(2);
    // Which operation took the most time is not certain.
    const counts = tuned.profile.map(({ calls, flops, bytes }: Record<string, number>) =>
      Math.min(calls, flops, bytes),
    );
    expect(Math.max(...counts)).toBeGreaterThan(0);
    expect(tuned.labels).toEqual(['changelog', 'readme']);
    expect(tuned.estimates.after.accuracy.value).toBeGreaterThan(
      tuned.estimates.baseline.accuracy.value,
    );
  });

  it("quickstart does all of it on a reader's own text", async () => {
    const outcome = await heddle([
      'quickstart',
      '--text',
      'docs',
      '--minutes',
      '10', // more than enough: the steps end it, so that a slow machine trains as much
      '--json',
      ...['tokenizer.vocabSize=300', 'pretrain.steps=60', 'finetune.epochs=8'].flatMap(
        (setting) => ['--set', setting],
      ),
    ]);
    expect(outcome.code, outcome.out + outcome.err).toBe(0);
    const result = jsonOf(outcome);
    const [before, after] = result.languageModel;
    expect(after.estimates.loss.value).toBeLessThan(before.estimates.loss.value);
    expect(result.classifier.after.accuracy.value).toBeGreaterThan(
      result.classifier.baseline.accuracy.value,
    );
    expect(result.samples).toHaveLength(3);
    const written = JSON.parse(
      await readFile(join(folder, result.run, 'heddle.config.json'), 'utf8'),
    );
    expect(written.run).toBe(result.run);
  });

  it('quickstart refuses a folder with nothing to read', async () => {
    await mkdir(join(folder, 'empty'), { recursive: true });
    const { code, err } = await heddle(['quickstart', '--text', 'empty']);
    expect([code, err]).toEqual([1, expect.stringContaining('corpus/empty')]);
  });
});
