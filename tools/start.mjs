// `npm start`: from a fresh checkout to a trained model. Arguments go to `heddle quickstart`.
import { join } from 'node:path';
import { installAndBuild, requireNode, root, run } from './workspace.mjs';

requireNode();
const args = process.argv.slice(2);
// Ctrl-C reaches the quickstart too; it saves a checkpoint, and only then does this process end.
process.on('SIGINT', () => {});
if (!args.includes('--help')) await installAndBuild();
const bin = join(root, 'packages/cli/dist/bin.js');
const { code } = await run(process.execPath, [bin, 'quickstart', ...args]);
process.exit(code);
