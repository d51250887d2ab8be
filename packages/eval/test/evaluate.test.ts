import type { Task } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { accuracy, evaluate, macroF1, majorityBaseline, type Prediction } from '../src/index.js';

const parity: Task<number, string> = {
  name: 'parity',
  async *examples(split) {
    if (split === 'test') for (let n = 0; n < 10; n++) yield n;
  },
  expected: (n) => (n % 2 === 0 ? 'even' : 'odd'),
};
const labels = ['even', 'odd'];
const smallIsEven = (ns: readonly number[]): string[] => ns.map((n) => (n < 3 ? 'even' : 'odd'));

describe('evaluate', () => {
  it('folds every metric over every example, whatever the batch size', async () => {
    const metrics = [accuracy(), macroF1({ labels })];
    const runs = await Promise.all(
      [1, 3, 32].map((batchSize) =>
        evaluate({ task: parity, answer: smallIsEven, metrics, batchSize }),
      ),
    );
    // Right: 0, 2 (even) and 3, 5, 7, 9 (odd).
    expect(runs[0].estimates.accuracy.value).toBeCloseTo(0.6, 12);
    expect(runs[0].count).toBe(10);
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
  });

  it('takes the majority baseline as an answer and shows each prediction', async () => {
    const seen: [number, Prediction][] = [];
    const { estimates } = await evaluate({
      task: parity,
      answer: majorityBaseline(['odd', 'odd', 'even']).answer,
      metrics: [accuracy()],
      onPrediction: (n, prediction) => seen.push([n, prediction]),
    });
    expect(estimates.accuracy.value).toBe(0.5);
    expect(seen).toHaveLength(10);
    expect(seen[2]).toEqual([2, { expected: 'even', predicted: 'odd' }]);
  });

  it('refuses what makes no sense', async () => {
    const base = { task: parity, answer: smallIsEven, metrics: [accuracy()] };
    await expect(evaluate({ ...base, split: 'dev' })).rejects.toMatchObject({ code: 'eval/empty' });
    await expect(evaluate({ ...base, answer: () => [] })).rejects.toMatchObject({
      code: 'eval/length-mismatch',
    });
    await expect(evaluate({ ...base, metrics: [accuracy(), accuracy()] })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    await expect(evaluate({ ...base, batchSize: 0 })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    await expect(evaluate({ ...base, signal: AbortSignal.abort() })).rejects.toThrow('aborted');
  });
});
