import { check, equal } from '../assert.js';
import { skip } from '../runner.js';
import type { Fixture } from './fixture.js';
import type { ModelSuiteOptions, ModelTest } from './suite.js';

export function savingTests(test: ModelTest, options: ModelSuiteOptions<unknown>): void {
  const reload = async (
    fixture: Fixture,
    body: (loaded: Awaited<ReturnType<NonNullable<typeof options.load>>>) => Promise<void>,
  ): Promise<void> => {
    const { save, load } = options;
    if (save === undefined || load === undefined) skip('no save and load given');
    await body(await load(await save(fixture.model, fixture.params), fixture.backend));
  };

  test('checkpoint', 'config is JSON', ({ model }) => {
    const copy: unknown = JSON.parse(JSON.stringify(model.config));
    check(equal(copy, model.config), 'config has something that JSON does not keep');
  });

  test('checkpoint', 'parameters come back bit for bit', (fixture) =>
    reload(fixture, async (loaded) => {
      const [names, others] = [fixture.params, loaded.params].map((p) => Object.keys(p).sort());
      check(equal(names, others), () => `the names were ${names} and are ${others}`);
      for (const [name, tensor] of Object.entries(fixture.params)) {
        const other = loaded.params[name];
        check(
          equal(tensor.shape, other.shape) && tensor.dtype === other.dtype,
          () => `"${name}" was ${tensor.dtype}[${tensor.shape}], is ${other.dtype}[${other.shape}]`,
        );
        const same = equal(await tensor.read(), await other.read());
        check(same, `"${name}" has other numbers after loading`);
      }
    }),
  );

  test('checkpoint', 'logits are the same bits', (fixture) =>
    reload(fixture, async ({ model, params }) => {
      const tokens = { rows: 2, ids: fixture.ids(2 * fixture.length) };
      const before = await fixture.forward(tokens);
      const after = await fixture.forward(tokens, (input) =>
        model.apply(params, input, fixture.context()),
      );
      check(equal(before.data, after.data), 'the logits change by saving and loading');
      for (const field of ['vocabSize', 'contextLength', 'hiddenSize', 'causal'] as const) {
        const [was, is] = [fixture.model[field], model[field]];
        check(was === is, `${field} was ${was}, is ${is}`);
      }
    }),
  );
}
