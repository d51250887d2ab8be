/**
 * Writes the files that `written.py` gives to the libraries they are for, in base64.
 *
 *     npx tsx --conditions @heddle/source tools/golden/tokenizer/written_files.ts files.json
 */
import { writeFileSync } from 'node:fs';
import { writtenFiles } from '../../../packages/tokenizer/test/written-files.js';

writtenFiles().then((files) => {
  const json = files.map(({ name, library, file }) => ({
    name,
    library,
    file: Buffer.from(file).toString('base64'),
  }));
  writeFileSync(process.argv[2], JSON.stringify(json));
});
