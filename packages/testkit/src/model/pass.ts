import { rngKey } from '@heddle/core';
import { check, equal, refuses } from '../assert.js';
import { type Fixture, type Numbers, part } from './fixture.js';
import type { ModelTest } from './suite.js';

async function checkShapes(fixture: Fixture, rows: number, length: number): Promise<void> {
  const { model, params } = fixture;
  const tokens = { rows, ids: fixture.ids(rows * length) };
  const logits = await fixture.forward(tokens);
  check(
    equal(logits.shape, [rows, length, model.vocabSize]),
    () => `logits of [${rows}, ${length}] ids are [${logits.shape}]`,
  );
  check(Array.from(logits.data).every(Number.isFinite), 'logits are not finite everywhere');
  const hidden = await fixture.forward(tokens, (input) =>
    model.hidden(params, input, fixture.context()),
  );
  check(
    equal(hidden.shape, [rows, length, model.hiddenSize]),
    () => `hidden states of [${rows}, ${length}] ids are [${hidden.shape}]`,
  );
}

export function passTests(test: ModelTest): void {
  test('pass', 'shapes of logits and hidden states', async (fixture) => {
    await checkShapes(fixture, 1, 1);
    await checkShapes(fixture, 3, fixture.length - 1);
    await checkShapes(fixture, 1, fixture.model.contextLength);
  });

  test('pass', 'apply is logits of hidden', async (fixture) => {
    const { model, params } = fixture;
    const tokens = { rows: 2, ids: fixture.ids(2 * fixture.length) };
    const whole = await fixture.forward(tokens);
    const parts = await fixture.forward(tokens, (input) =>
      model.logits(params, model.hidden(params, input, fixture.context())),
    );
    fixture.checkNear('logits(hidden(x))', parts, whole);
  });

  test('pass', 'a row of a batch equals it alone', async (fixture) => {
    const { length } = fixture;
    const ids = fixture.ids(3 * length);
    const batch = await fixture.forward({ rows: 3, ids });
    for (let row = 0; row < 3; row++) {
      const alone = await fixture.forward({
        rows: 1,
        ids: ids.slice(row * length, (row + 1) * length),
      });
      fixture.checkNear(`row ${row} of 3`, part(batch, row), part(alone, 0));
    }
  });

  test('pass', 'depends on its tokens', async (fixture) => {
    const { length, model } = fixture;
    const ids = fixture.ids(length);
    const other = ids.map((id) => (id + 1) % model.vocabSize);
    const [a, b] = [
      await fixture.forward({ rows: 1, ids }),
      await fixture.forward({ rows: 1, ids: other }),
    ];
    fixture.checkDifferent('other tokens give the same logits', a, b);
  });

  test('pass', 'is not random without training', async (fixture) => {
    const { model, params } = fixture;
    const tokens = { rows: 2, ids: fixture.ids(2 * fixture.length) };
    const results: Numbers[] = [];
    for (const seed of [1, 2, 1]) {
      const context = fixture.context({ key: rngKey(seed) });
      results.push(await fixture.forward(tokens, (input) => model.apply(params, input, context)));
    }
    const same = results.every(({ data }) => equal(data, results[0].data));
    check(same, 'with train=false the logits change from pass to pass, or with the key');
  });

  test('pass', 'in training depends on its key alone', async (fixture) => {
    const { model, params } = fixture;
    const tokens = { rows: 2, ids: fixture.ids(2 * fixture.length) };
    const context = fixture.context({ train: true, key: rngKey(5) });
    const run = () => fixture.forward(tokens, (input) => model.apply(params, input, context));
    const [first, second] = [await run(), await run()];
    check(Array.from(first.data).every(Number.isFinite), 'logits are not finite everywhere');
    check(equal(first.data, second.data), 'the same key gives other logits');
  });

  test('pass', 'a sequence longer than the context is refused', async (fixture) => {
    const ids = fixture.ids(fixture.model.contextLength + 1);
    const what = `${ids.length} positions with a context of ${fixture.model.contextLength}`;
    await refuses(what, () => fixture.forward({ rows: 1, ids }));
  });

  test('pass', 'leaves nothing behind', async (fixture) => {
    const { backend, model, params, length } = fixture;
    const tokens = { rows: 2, ids: fixture.ids(2 * length), segments: fixture.ids(2 * length) };
    const passes = [false, true].map(
      (train) => () =>
        fixture.forward(tokens, (input) => model.apply(params, input, fixture.context({ train }))),
    );
    for (const pass of passes) await pass(); // tables that are made once may stay
    await backend.sync();
    const before = backend.memory().live;
    for (const pass of [...passes, ...passes]) await pass();
    await backend.sync();
    const left = backend.memory().live - before;
    check(left === 0, `four passes leave ${left} bytes behind`);
  });
}
