import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { candidates } from '../src/candidates.js';
import { DOCUMENT, differences, judgeAll } from '../src/conformance-document.js';

const { here, absent } = await candidates();

for (const { name, reason } of absent) it(name, (test) => test.skip(reason));

it('docs/conformance.md says what the backends do', async () => {
  const reports = await judgeAll(here);
  const wrong = reports.flatMap(({ backend, rows }) =>
    rows.flatMap(({ op, dtype, ...parts }) =>
      Object.values(parts).flatMap((cell) =>
        cell?.status === 'fail' ? [`${backend}: ${op} ${dtype}: ${cell.reason}`] : [],
      ),
    ),
  );
  expect(wrong).toEqual([]);
  const page = await readFile(DOCUMENT, 'utf8');
  expect(differences(page, reports), 'run `npm run conformance` and look at what changed').toEqual(
    [],
  );
}, 600_000);
