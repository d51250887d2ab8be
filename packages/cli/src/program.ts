import { HeddleError } from '@heddle/core';
import { Command, CommanderError } from 'commander';
import pc from 'picocolors';
import type { CommandContext, CommandResult } from './command.js';
import { describeKeys } from './config/describe.js';
import { readGiven } from './config/load.js';
import { resolveConfig } from './config/resolve.js';
import { createReporter } from './terminal/reporter.js';
import { version } from './version.js';

export interface Streams {
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
}

/** 0: done. 1: failed. 2: the command line or the configuration is wrong. 130: interrupted. */
export type ExitCode = 0 | 1 | 2 | 130;

interface GlobalOptions {
  readonly config?: string;
  readonly set: string[];
  readonly json: boolean;
  readonly quiet: boolean;
}

type Load<Args extends readonly unknown[]> = () => Promise<
  (context: CommandContext, ...args: Args) => Promise<CommandResult>
>;

const collect = (value: string, all: string[]): string[] => [...all, value];

function addConfigOptions(command: Command): void {
  command
    .option(
      '-c, --config <file>',
      'configuration (default: heddle.config.ts, .js, .yaml or .json here)',
    )
    .option(
      '-s, --set <key=value>',
      'override a key of the configuration; may be repeated',
      collect,
      [],
    );
}

/** Runs one command line (without `node` and the script) to its exit code. */
export async function runProgram(
  argv: readonly string[],
  streams: Streams,
  signal: AbortSignal,
): Promise<ExitCode> {
  let exit: ExitCode = 0;
  let json = argv.includes('--json');
  const program = new Command('heddle')
    .description(
      'Trains language models: corpus, tokenizer, pre-training, fine-tuning, evaluation, generation.',
    )
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => streams.out.write(text),
      writeErr: (text) => streams.err.write(text),
    })
    .showSuggestionAfterError(true);

  /** Adds a command whose code is loaded when it is called; its `sections` of the configuration show in --help. */
  const add = <Args extends readonly unknown[]>(
    parent: Command,
    usage: string,
    about: string,
    sections: readonly string[] | undefined,
    load: Load<Args>,
  ): Command => {
    const command = parent.command(usage).description(about).exitOverride();
    if (sections !== undefined) addConfigOptions(command);
    command
      .option('--json', 'print the result as one line of JSON', false)
      .option('-q, --quiet', 'print nothing but the result', false);
    if (sections !== undefined && sections.length > 0)
      command.addHelpText(
        'after',
        `\nKeys of the configuration (for --set):\n${describeKeys(sections)}`,
      );
    command.action(async (...args: unknown[]) => {
      const options = command.opts<GlobalOptions>();
      json = options.json;
      const reporter = createReporter({ ...streams, quiet: options.quiet });
      const read =
        sections === undefined
          ? { given: {}, config: resolveConfig({}, 'the defaults') }
          : await readGiven({ file: options.config, set: options.set });
      const handler = await load();
      const operands = [...args.slice(0, -2), command.opts()] as unknown as Args;
      const result = await handler({ ...read, reporter, signal }, ...operands);
      reporter.result(options.json ? JSON.stringify(result.json) : result.text);
      if (result.failed) exit = 1;
      if (signal.aborted) exit = 130;
    });
    return command;
  };

  await (await import('./commands/index.js')).addCommands(program, add);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (signal.aborted && error instanceof Error && error.name === 'AbortError') return 130;
    exit = report(error, json, streams);
  }
  return exit;
}

function report(error: unknown, json: boolean, { out, err }: Streams): ExitCode {
  const known = HeddleError.is(error);
  const message = `${error instanceof Error ? error.message : String(error)}${hint(error)}`;
  if (json) {
    const body = known
      ? { code: error.code, message, details: error.details }
      : { code: 'internal', message };
    out.write(`${JSON.stringify({ error: body })}\n`);
  } else {
    err.write(`${pc.red('error')} ${known ? pc.dim(`[${error.code}] `) : ''}${message}\n`);
    if (!known && error instanceof Error && error.stack) err.write(`${pc.dim(error.stack)}\n`);
  }
  return known && /^(config|cli|create)\//.test(error.code) && error.code !== 'cli/missing-input'
    ? 2
    : 1;
}

/** What the command line offers where the libraries' messages speak of their options. */
function hint(error: unknown): string {
  return HeddleError.is(error, 'trainer/run-exists')
    ? ' On the command line: --resume goes on with it, --set run=FOLDER begins another.'
    : '';
}
