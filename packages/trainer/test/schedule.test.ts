import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constant, cosine, linear, type Schedule, wsd } from '../src/index.js';
import golden from './golden/schedules.json' with { type: 'json' };

const make = { constant, linear, cosine, wsd } as Record<string, (options: never) => Schedule>;

describe('against transformers and torch', () => {
  it.each(golden)('$kind $options', ({ kind, options, steps, rates }) => {
    const schedule = make[kind](options as never);
    rates.forEach((rate, i) => {
      expect(schedule(i + 1, steps)).toBeCloseTo(rate, 12);
    });
  });
});

it('rises to the peak, never above, and ends at minLr', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(linear, cosine, wsd),
      fc.double({ min: 1e-6, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 51, max: 500 }),
      (kind, lr, part, warmup, total) => {
        const minLr = lr * part;
        const schedule = kind({ lr, minLr, warmup });
        let before = 0;
        for (let step = 1; step <= warmup; step++) {
          expect(schedule(step, total)).toBeCloseTo((lr * step) / warmup, 12);
          before = schedule(step, total);
        }
        expect(before).toBeCloseTo(lr, 12);
        for (let step = warmup; step <= total; step++) {
          const now = schedule(step, total);
          expect(now).toBeLessThanOrEqual(before + 1e-15);
          expect(now).toBeGreaterThanOrEqual(minLr - 1e-15);
          before = now;
        }
        expect(before).toBeCloseTo(minLr, 12);
      },
    ),
    { numRuns: 50, seed: 1 },
  );
});

it('a warm-up below 1 is a part of the run, so it follows a time budget', () => {
  const schedule = cosine({ lr: 1, warmup: 0.1 });
  expect(schedule(5, 100)).toBeCloseTo(0.5, 12);
  expect(schedule(50, 1000)).toBeCloseTo(0.5, 12);
  expect(schedule(1, 1e9)).toBeCloseTo(1e-8, 12);
  expect(schedule(1, 1)).toBe(0);
});

it.each([
  [() => constant({ lr: -1 }), 'lr'],
  [() => constant({ lr: Number.NaN }), 'lr'],
  [() => linear({ lr: 1, warmup: -5 }), 'warmup'],
  [() => cosine({ lr: 1, minLr: 2 }), 'minLr'],
  [() => wsd({ lr: 1, decay: -1 }), 'decay'],
])('refuses what cannot be meant: %s', (schedule, argument) => {
  expect(schedule).toThrowError(
    expect.objectContaining({
      code: 'invalid-argument',
      details: expect.objectContaining({ argument }),
    }),
  );
});
