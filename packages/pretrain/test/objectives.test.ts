import { fold, rngKey, type TokenBatch } from '@heddle/core';
import { cpu } from '@heddle/cpu';
import { scoped, tensor, valueAndGrad } from '@heddle/tensor';
import { afterAll, describe, expect, it } from 'vitest';
import { causalLm, maskedLm, masking, nextTokens, validationLoss } from '../src/index.js';
import {
  disposeAll,
  logitsOf,
  negativeLogLikelihood,
  sentences,
  tinyBert,
  tinyGpt,
  windows,
} from './text.js';

const backend = cpu();
afterAll(() => backend[Symbol.asyncDispose]());
const context = { backend, train: false, key: rngKey(11) };
const text = sentences(1, 400);
const batch = windows(text, 3, 16, rngKey(5));

describe('causalLm', () => {
  const model = tinyGpt();
  const params = model.init(rngKey(1), backend);
  afterAll(() => disposeAll(params));

  it('is the sum of -log p(next token), made of the logits in doubles', async () => {
    const logits = await logitsOf(model, params, backend, {
      ids: tensor(backend, batch.ids, [3, 16]),
    });
    let expected = 0;
    for (let row = 0; row < 3; row++)
      for (let t = 0; t < 15; t++)
        expected += negativeLogLikelihood(
          logits,
          (row * 16 + t) * 128,
          128,
          batch.ids[row * 16 + t + 1],
        );
    const loss = scoped(() => causalLm(model).loss(params, batch, context));
    expect(loss.count).toBe(45);
    expect((await loss.sum.read())[0] / expected).toBeCloseTo(1, 5);
  });

  it('takes the targets that a batch brings, but for -100', async () => {
    const targets = nextTokens(batch);
    targets.fill(-100, 0, 40);
    const { count } = scoped(() => causalLm(model).loss(params, { ...batch, targets }, context));
    expect(count).toBe(7);
    const own = scoped(() =>
      causalLm(model).loss(params, { ...batch, targets: nextTokens(batch) }, context),
    );
    const shifted = scoped(() => causalLm(model).loss(params, batch, context));
    expect(await own.sum.read()).toEqual(await shifted.sum.read());
  });

  it('predicts nothing beyond a row or a segment', () => {
    const ids = Int32Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
    const segments = Int32Array.from([1, 1, 2, 2, 3, 3, 3, 3]);
    expect([...nextTokens({ rows: 2, length: 4, ids })]).toEqual([2, 3, 4, -100, 6, 7, 8, -100]);
    expect([...nextTokens({ rows: 2, length: 4, ids, segments })]).toEqual([
      2, -100, 4, -100, 6, 7, 8, -100,
    ]);
  });

  it('a batch without targets gives 0 of 0, and gradients of 0', async () => {
    const empty = { ...batch, targets: new Int32Array(48).fill(-100) };
    let count = -1;
    const { value, grads } = valueAndGrad((p) => {
      const loss = causalLm(model).loss(p, empty, context);
      count = loss.count;
      return loss.sum;
    })(params);
    expect([count, (await value.read())[0]]).toEqual([0, 0]);
    for (const g of Object.values(grads)) expect((await g.read()).every((x) => x === 0)).toBe(true);
    disposeAll({ value, ...grads });
  });

  it('refuses a model that sees the answer, rows beyond the context, arrays of another size', () => {
    expect(() => causalLm(tinyBert())).toThrowError(
      expect.objectContaining({ code: 'pretrain/not-causal' }),
    );
    const long = windows(text, 1, 33, rngKey(5));
    expect(() => causalLm(model).loss(params, long, context)).toThrowError(
      expect.objectContaining({
        code: 'pretrain/sequence-too-long',
        details: { length: 33, contextLength: 32 },
      }),
    );
    expect(() =>
      causalLm(model).loss(params, { ...batch, ids: batch.ids.slice(1) }, context),
    ).toThrowError(expect.objectContaining({ code: 'shape-mismatch' }));
    expect(() =>
      scoped(() =>
        causalLm(model).loss(params, { ...batch, ids: batch.ids.map(() => 128) }, context),
      ),
    ).toThrowError(expect.objectContaining({ code: 'invalid-argument' }));
  });
});

describe('masking', () => {
  const [rows, length] = [100, 300];
  const ids = Int32Array.from({ length: rows * length }, (_, i) =>
    i % 10 === 0 ? 0 : 2 + (i % 97),
  );
  const big: TokenBatch = { rows, length, ids };
  const options = { maskId: 1, specialIds: [0] };

  it('chooses 15 %, of which 80 % are hidden, 10 % changed, 10 % left; special tokens never', () => {
    const masked = masking(99, options)(big, rngKey(4));
    let [ordinary, chosen, hidden, changed, wrong] = [0, 0, 0, 0, 0];
    const replacements = new Set<number>();
    ids.forEach((id, i) => {
      const [now, target] = [masked.ids[i], masked.targets[i]];
      if (id !== 0) ordinary++;
      if (target === -100) {
        if (now !== id) wrong++;
        return;
      }
      if (target !== id || id === 0) wrong++;
      chosen++;
      if (now === 1) hidden++;
      else if (now !== id) {
        changed++;
        replacements.add(now);
      }
    });
    expect(wrong).toBe(0);
    // Within four standard deviations of a binomial count.
    const near = (count: number, of: number, p: number): void => {
      expect(Math.abs(count - of * p)).toBeLessThan(4 * Math.sqrt(of * p * (1 - p)));
    };
    near(chosen, ordinary, 0.15);
    near(hidden, chosen, 0.8);
    near(changed, chosen, 0.1 * (96 / 97)); // one in 97 random tokens is the token itself
    expect(replacements.size).toBe(97);
    expect(replacements.has(0) || replacements.has(1)).toBe(false);
  });

  it('is decided by the key, and does not touch the batch', () => {
    const mask = masking(99, options);
    const before = ids.slice();
    const text = (seed: number): string => mask(big, rngKey(seed)).ids.join();
    const first = text(4);
    expect(text(4) === first).toBe(true);
    expect(text(5) === first).toBe(false);
    expect(ids.join() === before.join()).toBe(true);
  });

  it('never chooses padding, which the batch marks by targets of -100', () => {
    const padded = { ...big, targets: ids.map((_, i) => (i % length < 200 ? 5 : -100)) };
    const { targets } = masking(99, { ...options, rate: 1 })(padded, rngKey(4));
    const wrong = targets.filter(
      (t, i) => t !== (i % length < 200 && ids[i] !== 0 ? ids[i] : -100),
    );
    expect(wrong).toHaveLength(0);
  });

  it('chooses whole words', () => {
    // Even ids begin a word of up to four tokens; ids 0 and 1 are special.
    const word = Int32Array.from({ length: 20_000 }, (_, i) =>
      i % 4 === 0 ? 2 * (1 + (i % 40)) : 3 + 2 * (i % 20),
    );
    const segments = Int32Array.from(word, (_, i) => (i % 40 < 22 ? 1 : 2)); // cuts a word in two
    const source = { rows: 500, length: 40, ids: word, segments };
    const { targets } = masking(99, { ...options, wholeWords: (id) => id % 2 === 0 })(
      source,
      rngKey(4),
    );
    let [words, chosen, torn] = [0, 0, 0];
    for (let i = 0; i < word.length; i++) {
      const begins = i % 4 === 0 || i % 40 === 22;
      if (begins) words++;
      if (begins && targets[i] !== -100) chosen++;
      if (!begins && (targets[i] === -100) !== (targets[i - 1] === -100)) torn++;
    }
    expect(torn).toBe(0);
    expect(Math.abs(chosen - 0.15 * words)).toBeLessThan(4 * Math.sqrt(words * 0.15 * 0.85));
  });

  it.each([
    [{ maskId: 99 }, 'maskId or specialIds'],
    [{ maskId: 1, specialIds: [-1] }, 'maskId or specialIds'],
    [{ maskId: 1, rate: 0 }, 'rate'],
    [{ maskId: 1, rate: 1.5 }, 'rate'],
    [{ maskId: 0, specialIds: Array.from({ length: 99 }, (_, i) => i) }, 'specialIds'],
  ])('refuses %j', (bad, argument) => {
    expect(() => masking(99, bad)).toThrowError(
      expect.objectContaining({
        code: 'invalid-argument',
        details: expect.objectContaining({ argument }),
      }),
    );
  });
});

describe('maskedLm', () => {
  it('is the sum of -log p(token) at the chosen positions of the hidden text', async () => {
    const model = tinyBert();
    const params = model.init(rngKey(1), backend);
    const options = { maskId: 127, specialIds: [0] };
    const { ids, targets } = masking(128, options)(batch, fold(context.key, 'mask'));
    const logits = await logitsOf(model, params, backend, { ids: tensor(backend, ids, [3, 16]) });
    let [sum, count] = [0, 0];
    targets.forEach((target, i) => {
      if (target === -100) return;
      sum += negativeLogLikelihood(logits, i * 128, 128, target);
      count++;
    });
    const loss = scoped(() => maskedLm(model, options).loss(params, batch, context));
    expect(loss.count).toBe(count);
    expect(count).toBeGreaterThan(0);
    expect((await loss.sum.read())[0] / sum).toBeCloseTo(1, 5);
    disposeAll(params);
  });
});

describe('validationLoss', () => {
  it('weighs every token the same, and is the same every time, masks too', async () => {
    const model = tinyGpt();
    const params = model.init(rngKey(1), backend);
    const batches = [windows(text, 1, 8, rngKey(1)), windows(text, 5, 20, rngKey(2))];
    const parts = await Promise.all(
      batches.map((b) => validationLoss({ model, params, backend, batches: [b] })),
    );
    const live = backend.memory().live;
    const both = await validationLoss({ model, params, backend, batches });
    expect(backend.memory().live).toBe(live);
    expect(both.count).toBe(7 + 95);
    expect(both.sum).toBeCloseTo(parts[0].sum + parts[1].sum, 10);
    expect(both.loss).toBeCloseTo(both.sum / 102, 12);
    const objective = maskedLm(model, { maskId: 127 });
    const masked = { params, backend, objective, batches };
    expect(await validationLoss(masked)).toEqual(await validationLoss(masked));
    await expect(validationLoss({ model, params, backend, batches: [] })).rejects.toMatchObject({
      code: 'pretrain/nothing-to-predict',
    });
    await expect(validationLoss({ params, backend, batches })).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    disposeAll(params);
  });
});
