import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeddleError } from '@heddle/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyOverrides } from '../src/config/overrides.js';
import { loadConfig, resolveConfig } from '../src/index.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-config-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function refusal(fn: () => unknown): HeddleError {
  try {
    fn();
  } catch (error) {
    if (HeddleError.is(error)) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('resolveConfig', () => {
  it('fills in every default', () => {
    const config = resolveConfig({}, 'nothing');
    expect(config.tokenizer.vocabSize).toBe(4096);
    expect(config.backend.name).toBe('cpu');
  });

  it.each([
    [{ tokeniser: {} }, 'tokeniser', '"tokenizer"'],
    [{ pretrain: { stepz: 1 } }, 'pretrain.stepz', '"steps"'],
    [{ corpus: { stages: [{ nam: 'x', name: 'y' }] } }, 'corpus.stages.0.nam', '"name"'],
    [{ pretrain: { qqqqqqqqq: 1 } }, 'pretrain.qqqqqqqqq', 'known here: '],
    [{ pretrain: { rows: 'many' } }, 'pretrain.rows', 'given: "many"'],
    [{ pretrain: { rows: 0 } }, 'pretrain.rows', 'given: 0'],
    [{ model: { family: 'gpt3' } }, 'model.family', 'given: "gpt3"'],
    [[], '(top level)', 'given: []'],
    [null, '(top level)', 'given: null'],
  ])('%j is refused, naming %s', (given, key, hint) => {
    const error = refusal(() => resolveConfig(given, 'my.yaml'));
    expect(error.code).toBe('config/invalid');
    expect(error.message).toContain('my.yaml');
    expect(error.message).toContain(`${key}: `);
    expect(error.message).toContain(hint);
  });
});

describe('overrides', () => {
  it('reads values as JSON where they are JSON, else as text', () => {
    const settings = ['a.b=2', 'a.c=true', 'd=["x"]', 'e=plain text', 'f=a=b', 'g='];
    expect(applyOverrides({ a: { b: 1, z: 0 } }, settings)).toEqual({
      a: { b: 2, c: true, z: 0 },
      d: ['x'],
      e: 'plain text',
      f: 'a=b',
      g: '',
    });
  });

  it('leaves what it was given as it was', () => {
    const given = { a: { b: 1 } };
    applyOverrides(given, ['a.b=2']);
    expect(given).toEqual({ a: { b: 1 } });
  });

  it.each(['noequals', '=1', 'a..b=1', '__proto__.x=1', 'a.__proto__.x=1', 'run.x=1'])(
    '%s is refused',
    (setting) => {
      const error = refusal(() => applyOverrides({ run: 'text' }, [setting]));
      expect(error.code).toBe('cli/usage');
      expect(({} as Record<string, unknown>).x).toBeUndefined();
    },
  );
});

describe('loadConfig', () => {
  it.each([
    ['heddle.config.json', '{"seed": 7}'],
    ['heddle.config.yaml', 'seed: 7'],
    ['heddle.config.mjs', 'export default { seed: 7 };'],
    [
      'heddle.config.ts',
      "import type { HeddleConfig } from '@heddle/cli';\nexport default { seed: 7 } satisfies HeddleConfig;",
    ],
  ])('reads %s', async (name, content) => {
    const file = name.endsWith('.ts')
      ? join(import.meta.dirname, `.tmp-${process.pid}.ts`)
      : join(folder, name);
    await writeFile(file, content);
    try {
      expect((await loadConfig({ file, set: ['run=x'] })).seed).toBe(7);
    } finally {
      await rm(file);
    }
  });

  it('finds the file of the folder, and does without one', async () => {
    const own = await mkdtemp(join(folder, 'own-'));
    expect((await loadConfig({ directory: own })).seed).toBe(1);
    await writeFile(join(own, 'heddle.config.yaml'), 'seed: 9');
    expect((await loadConfig({ directory: own })).seed).toBe(9);
  });

  it('says what is wrong with a file', async () => {
    const broken = join(folder, 'broken.json');
    await writeFile(broken, '{"seed": ');
    await expect(loadConfig({ file: broken })).rejects.toMatchObject({ code: 'config/unreadable' });
    await expect(loadConfig({ file: join(folder, 'absent.json') })).rejects.toMatchObject({
      code: 'config/missing',
    });
  });
});
