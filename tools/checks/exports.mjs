// What a user of the published packages meets: manifests (publint) and types (are the types wrong?).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestOf, packageFolders, pnpm, root, tool } from '../workspace.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'heddle-pack-'));
let problems = 0;
try {
  for (const folder of packageFolders()) {
    const { name, version } = manifestOf(folder);
    const packed = await pnpm(['pack', '--pack-destination', scratch], {
      capture: true,
      cwd: join(root, folder),
    });
    const tarball = join(scratch, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
    const checks = [
      ['pack', packed],
      ['publint', await tool('publint', ['run', tarball, '--strict'], { capture: true })],
      [
        'attw',
        await tool('attw', [tarball, '--profile', 'esm-only', '--format', 'ascii'], {
          capture: true,
        }),
      ],
    ];
    const failed = checks.filter(([, result]) => result.code !== 0);
    console.log(`${failed.length === 0 ? 'ok  ' : 'FAIL'} ${name}`);
    for (const [what, result] of failed) console.log(`--- ${what}\n${result.output}`);
    problems += failed.length;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exit(problems === 0 ? 0 : 1);
