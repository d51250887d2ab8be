import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { glob } from 'tinyglobby';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { root } from '../workspace.mjs';
import { fences } from './fences.js';

/* Every program in the guides and on the front page runs. (Those of the packages' READMEs: packed.test.ts.) */

const exec = promisify(execFile);
const tsx = pathToFileURL(join(root, 'node_modules/tsx/dist/loader.mjs')).href;
const names = [
  'README.md',
  ...(await glob('docs/**/*.md', { cwd: root, ignore: ['**/node_modules/**'] })),
].sort();
const pages = (
  await Promise.all(
    names.map(async (name) => [name, fences(await readFile(join(root, name), 'utf8'))] as const),
  )
).filter(([, programs]) => programs.length > 0);
let scratch: string;

beforeAll(async () => {
  // Inside the workspace package that depends on what the guides show, so that public names resolve.
  scratch = await mkdtemp(join(root, 'docs/.run-'));
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

describe.each(pages)('%s', (page, programs) => {
  it('has programs that run', async () => {
    for (const program of programs) {
      const file = join(scratch, `${page.replaceAll('/', '-')}-${program.line}.ts`);
      await writeFile(file, program.code);
      const args = ['--conditions=@heddle/source', '--import', tsx, file];
      await exec(process.execPath, args, { cwd: scratch, timeout: 60_000 }).catch((error) => {
        throw new Error(`${page} line ${program.line} failed: ${error.stderr || error.message}`);
      });
    }
  });
});
