import { type Fixture, part } from './fixture.js';
import type { ModelTest } from './suite.js';

/** Logits of one row, and of the same with another token at each of `at`. */
async function changedAt(
  fixture: Fixture,
  at: readonly number[],
  segments?: readonly number[],
): Promise<(readonly [Awaited<ReturnType<Fixture['forward']>>, typeof at])[]> {
  const ids = fixture.ids(fixture.length);
  const results = [];
  for (const positions of [[], ...at.map((position) => [position])]) {
    const changed = ids.map((id, i) =>
      positions.includes(i) ? (id + 1) % fixture.model.vocabSize : id,
    );
    const logits = await fixture.forward({ rows: 1, ids: changed, ...(segments && { segments }) });
    results.push([logits, positions] as const);
  }
  return results;
}

/** What a position may depend on. */
export function attentionTests(test: ModelTest): void {
  test(
    'attention',
    'a token changes nothing before it, if causal; else it does',
    async (fixture) => {
      const { length, model } = fixture;
      const last = length - 1;
      const [[plain], ...changed] = await changedAt(fixture, [1, length >> 1, last]);
      for (const [logits, [t]] of changed) {
        const before = [part(logits, 0, 0, t), part(plain, 0, 0, t)] as const;
        if (model.causal) fixture.checkNear(`before a changed token at ${t}`, ...before);
        else fixture.checkDifferent(`token ${t} does not reach the positions before it`, ...before);
      }
    },
  );

  test('attention', 'a token reaches the positions after it', async (fixture) => {
    const { length } = fixture;
    const [[plain], [logits]] = await changedAt(fixture, [1]);
    for (const from of [1, 2, length - 1]) {
      const [got, other] = [part(logits, 0, from, from + 1), part(plain, 0, from, from + 1)];
      fixture.checkDifferent(`token 1 does not reach position ${from}`, got, other);
    }
  });

  test('attention', 'segments do not see each other', async (fixture) => {
    const { length } = fixture;
    const half = length >> 1;
    const segments = Array.from({ length }, (_, i) => (i < half ? 3 : 1));
    const [[plain], [first], [second]] = await changedAt(fixture, [0, half], segments);
    const rest = [part(first, 0, half), part(plain, 0, half)] as const;
    fixture.checkNear('the second segment when the first changes', ...rest);
    const start = [part(second, 0, 0, half), part(plain, 0, 0, half)] as const;
    fixture.checkNear('the first segment when the second changes', ...start);
    const own = [part(second, 0, length - 1), part(plain, 0, length - 1)] as const;
    fixture.checkDifferent('a segment does not see its own tokens', ...own);
  });

  test('attention', 'packed texts equal texts alone', async (fixture) => {
    const { length } = fixture;
    const half = length >> 1;
    const ids = fixture.ids(2 * half);
    const packed = await fixture.forward({
      rows: 1,
      ids,
      segments: ids.map((_, i) => (i < half ? 0 : 1)),
      positions: ids.map((_, i) => i % half),
    });
    for (const start of [0, half]) {
      const alone = await fixture.forward({ rows: 1, ids: ids.slice(start, start + half) });
      fixture.checkNear(
        `the text that begins at ${start}`,
        part(packed, 0, start, start + half),
        part(alone, 0),
      );
    }
  });
}
