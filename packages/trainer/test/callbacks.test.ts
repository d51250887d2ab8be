import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MetricsEvent, Run } from '@heddle/core';
import { afterAll, describe, expect, it } from 'vitest';
import { crc32c } from '../src/callbacks/event-file.js';
import { jsonlLog, progress, sampler, tensorboard } from '../src/index.js';

const golden = new URL('./golden/tensorboard/', import.meta.url).pathname;
const folder = await mkdtemp(join(tmpdir(), 'heddle-callbacks-'));
afterAll(() => rm(folder, { recursive: true }));

function runAt(step: number, more: Partial<Run> = {}): Run {
  return {
    directory: undefined,
    step,
    totalSteps: 400,
    params: {},
    stop() {},
    checkpoint: async () => undefined,
    ...more,
  };
}
const event = (step: number, split: string, metrics: Record<string, number>): MetricsEvent => ({
  step,
  split,
  metrics,
});

describe('tensorboard', () => {
  it('CRC-32C has the check values of RFC 3720', () => {
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
  });

  // tools/golden/trainer/make.py --check reads the committed files with TensorBoard's own reader.
  it('writes byte for byte the files that TensorBoard was seen to read', async () => {
    const directory = join(folder, 'tensorboard');
    const session = async (now: number, run: Run, events: MetricsEvent[]): Promise<void> => {
      const callback = tensorboard({ directory, now: () => now });
      await callback.onStart?.(run);
      for (const e of events) await callback.onMetrics?.(e, run);
      await callback.onEnd?.('finished', run);
    };
    await session(1700000001.5, runAt(0), [
      event(100, 'train', { loss: 2.5, größe: -0.1 }),
      event(200, 'train', { loss: 1.25 }),
      event(200, 'validation', { loss: 1.5 }),
      event(300, 'train', { loss: 99 }), // is lost: the next session goes on after step 200
    ]);
    await session(1700000099.5, runAt(200), [event(300, 'train', { loss: 1.125 })]);
    const names = (await readdir(directory)).sort();
    expect(names).toEqual([
      expect.stringMatching(/^events\.out\.tfevents\.1700000001\..*\.0$/),
      expect.stringMatching(/^events\.out\.tfevents\.1700000099\..*\.200$/),
    ]);
    for (const [i, name] of names.entries()) {
      const bytes = await readFile(join(directory, name));
      const path = `${golden}events.out.tfevents.170000000${i}.heddle`;
      if (process.env.HEDDLE_UPDATE_GOLDEN) {
        await mkdir(golden, { recursive: true });
        await writeFile(path, bytes);
      }
      expect(bytes).toEqual(await readFile(path));
    }
  });
});

describe('jsonlLog', () => {
  it('keeps times out of the metrics', async () => {
    const directory = join(folder, 'jsonl');
    await mkdir(directory);
    const callback = jsonlLog();
    const run = runAt(0, { directory });
    await callback.onStart?.(run);
    await callback.onStep?.({ step: 1, lr: 0.1, count: 10, seconds: 0.25 }, run);
    await callback.onMetrics?.(event(1, 'train', { loss: Number.NaN, lr: 0.1 }), run);
    await callback.onStep?.({ step: 2, lr: 0.1, count: 10, seconds: 0.5 }, run);
    await callback.onEnd?.('finished', run);
    expect(await readFile(join(directory, 'metrics.jsonl'), 'utf8')).toBe(
      '{"step":1,"split":"train","loss":null,"lr":0.1}\n',
    );
    expect(await readFile(join(directory, 'timing.jsonl'), 'utf8')).toBe(
      '{"step":1,"count":10,"seconds":0.25}\n{"step":2,"count":10,"seconds":0.5}\n',
    );
  });
});

describe('sampler', () => {
  it('writes a file every so many steps, from a text or its pieces', async () => {
    const directory = join(folder, 'samples-run');
    const shown: string[] = [];
    const callback = sampler({
      every: 2,
      sample: (_, { step }) =>
        step === 2
          ? 'whole'
          : (async function* () {
              yield 'in ';
              yield 'pieces';
            })(),
      onSample: (text, step) => void shown.push(`${step}: ${text}`),
    });
    for (let step = 1; step <= 4; step++)
      await callback.onStep?.({ step, lr: 0, count: 1, seconds: 0 }, runAt(step, { directory }));
    expect(shown).toEqual(['2: whole', '4: in pieces']);
    expect((await readdir(join(directory, 'samples'))).sort()).toEqual([
      'step-2.txt',
      'step-4.txt',
    ]);
    expect(await readFile(join(directory, 'samples/step-4.txt'), 'utf8')).toBe('in pieces');
  });
});

describe('progress', () => {
  /** Four steps of 30 s and 6,000 tokens each, of 400; the session began at step 100. */
  async function shown(stream: { isTTY?: boolean; columns?: number }, env = {}): Promise<string> {
    let text = '';
    let now = 5;
    const write = (more: string): void => {
      text += more;
    };
    const callback = progress({
      stream: { ...stream, write },
      clock: () => now,
      env,
    });
    await callback.onStart?.(runAt(100));
    for (let step = 101; step <= 104; step++) {
      now += 30;
      await callback.onMetrics?.(event(step, 'train', { loss: 205 - 2 * step }), runAt(step));
      await callback.onStep?.({ step, lr: 0, count: 6000, seconds: 30 }, runAt(step));
      if (step === 102)
        await callback.onMetrics?.(event(step, 'validation', { loss: 1.25 }), runAt(step));
    }
    await callback.onEnd?.('interrupted', runAt(104));
    return text;
  }

  it('adds plain lines where there is no terminal', async () => {
    expect(await shown({})).toBe(
      [
        'step 101/400  loss 3.0000  200 tokens/s  ETA 2h29m',
        'step 102/400  loss 1.0000  200 tokens/s  ETA 2h29m',
        'step 102  validation  loss 1.2500',
        'step 103/400  loss -1.0000  200 tokens/s  ETA 2h28m',
        'step 104/400  loss -3.0000  200 tokens/s  ETA 2h28m',
        'interrupted after step 104',
        '',
      ].join('\n'),
    );
  });

  it('redraws one line on a terminal, no wider than it, in colour unless NO_COLOR', async () => {
    const text = await shown({ isTTY: true, columns: 80 });
    expect(text).toContain(
      '\r\x1b[2K\x1b[36m██████\x1b[39m░░░░░░░░░░░░░░░░░░ step 101/400  loss 3.0000',
    );
    const plain = await shown({ isTTY: true, columns: 60 }, { NO_COLOR: '1' });
    expect(plain.replaceAll('\r\x1b[2K', '')).not.toContain('\x1b');
    for (const line of plain.replaceAll('\r\x1b[2K', '\n').split('\n'))
      expect(line.length).toBeLessThan(60);
    expect(plain.endsWith('\ninterrupted after step 104\n')).toBe(true);
  });
});
