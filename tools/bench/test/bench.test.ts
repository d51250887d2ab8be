import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseOptions } from '../src/options.js';
import { ratioOf } from '../src/report.js';
import { median, relativeDifference } from '../src/statistics.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('statistics', () => {
  it('takes the middle, and the mean of two middle values', () => {
    expect(median([10, 1, 9])).toBe(9);
    expect(median([10, 1, 9, 2])).toBe(5.5);
    expect(() => median([])).toThrow(RangeError);
  });

  it('compares series by their worst pair', () => {
    expect(relativeDifference([1, 2, 0], [1, 2.5, 0])).toBeCloseTo(0.2);
    expect(() => relativeDifference([1], [1, 2])).toThrow(RangeError);
  });

  it('compares with the fastest peer', () => {
    const at = (name: string, time: number) => ({
      ...{ name, median: time, least: time, losses: [], resident: 0, idle: 0 },
    });
    expect(ratioOf([at('heddle', 50), at('slow', 200), at('fast', 75)])).toBe(1.5);
    expect(ratioOf([at('heddle', 50)])).toBeUndefined();
  });
});

describe('the command line', () => {
  it('has defaults, and takes lists', () => {
    expect(parseOptions([])).toMatchObject({ cases: ['S', 'M', 'L'], rounds: 7, threads: 2 });
    expect(parseOptions(['--', '--cases', 'M,S', '--dtypes', 'bf16'])).toMatchObject({
      cases: ['M', 'S'],
      dtypes: ['bf16'],
    });
  });

  it.each([
    [['--cases', 'X'], 'there is no "X"'],
    [['--kernels', 'gpu'], 'there is no "gpu"'],
    [['--rounds', '0'], 'whole number'],
    [['--speed'], '--speed'],
  ])('refuses %j', (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(message);
  });
});

it('measures without Python, and says what it skipped', async () => {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const args = ['--conditions=@heddle/source', '--import', 'tsx', main];
  args.push('--cases', 'tiny', '--dtypes', 'f32', '--rounds', '1', '--json');
  const env = { ...process.env, HEDDLE_PYTHON: '', HEDDLE_PYTHON_DEBIAN: '' };
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, env });
  expect(stdout).toContain('torch: skipped, HEDDLE_PYTHON is not set');
  expect(stdout).toMatch(/^heddle +[\d.]+ +[\d.]+/m);
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual({ ratios: {} });
});
