// Judges every operation on every backend and mode that can serve here, and writes docs/conformance.md.
// node --conditions=@heddle/source --import tsx tools/backends/src/conformance.ts [--check]
import { readFile, writeFile } from 'node:fs/promises';
import { candidates } from './candidates.js';
import { DOCUMENT, differences, judgeAll, render } from './conformance-document.js';

const { here, absent } = await candidates();
const reports = await judgeAll(here, (note) => process.stderr.write(`\r\u001b[2K${note}`));
process.stderr.write('\r\u001b[2K');
for (const { name, reason } of absent) console.log(`not here: ${name}: ${reason}`);
if (process.argv.includes('--check')) {
  const found = differences(await readFile(DOCUMENT, 'utf8'), reports);
  for (const line of found) console.log(line);
  process.exitCode = found.length === 0 ? 0 : 1;
} else {
  await writeFile(DOCUMENT, render(reports, absent));
  console.log(`wrote ${DOCUMENT}: ${reports.map(({ backend }) => backend).join(', ')}`);
}
