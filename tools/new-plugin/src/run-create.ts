import { parseArgs } from 'node:util';
import { HeddleError } from '@heddle/core';
import { createPlugin, describeCreated } from './create-plugin.js';
import { describeKinds } from './kinds.js';

export interface Output {
  out(text: string): void;
  err(text: string): void;
}

const USAGE = `Begins a plug-in for Heddle: a package that builds, with a small working part and its tests.

  npm create @heddle/plugin KIND NAME
  npm create @heddle/plugin KIND NAME -- --folder FOLDER

NAME is the name of the package: heddle-weather, @you/heddle-weather. FOLDER is empty or does not exist
(default: one here, called as the name without its scope). KIND is one of

${describeKinds()}`;

/** `npm create @heddle/plugin`. Exit code 0: done, or help. 1: the disk failed. 2: the command line is wrong. */
export async function runCreate(argv: readonly string[], { out, err }: Output): Promise<0 | 1 | 2> {
  const request = parse(argv);
  if (request === 'help') {
    out(USAGE);
    return 0;
  }
  if (request === 'wrong') {
    err(USAGE);
    return 2;
  }
  try {
    out(describeCreated(await createPlugin(request), process.cwd()));
    return 0;
  } catch (error) {
    if (!HeddleError.is(error)) throw error;
    const wrong = error.code.startsWith('create/');
    err(`${wrong ? `${USAGE}\n\n` : ''}error [${error.code}] ${error.message}`);
    return wrong ? 2 : 1;
  }
}

type Request = { readonly kind: string; readonly name: string; readonly folder?: string };

function parse(argv: readonly string[]): Request | 'help' | 'wrong' {
  const options = { help: { type: 'boolean', short: 'h' }, folder: { type: 'string' } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    const [kind, name, ...rest] = positionals;
    if (values.help) return 'help';
    if (kind === undefined || name === undefined || rest.length > 0) return 'wrong';
    return { kind, name, ...(values.folder !== undefined && { folder: values.folder }) };
  } catch {
    return 'wrong';
  }
}
