import { describeKinds } from '@heddle/create-plugin';
import type { Command } from 'commander';
import type { CommandContext, CommandResult } from '../command.js';

/** Adds a command; `load` imports its code when it is called. Without `sections` it reads no configuration. */
export type AddCommand = <Args extends readonly unknown[]>(
  parent: Command,
  usage: string,
  about: string,
  sections: readonly string[] | undefined,
  load: () => Promise<(context: CommandContext, ...args: Args) => Promise<CommandResult>>,
) => Command;

/** All commands, in the order of `--help`. */
export function addCommands(program: Command, add: AddCommand): void {
  add(
    program,
    'doctor',
    'what this machine offers, and what is missing and why',
    ['backend'],
    async () => (await import('./doctor.js')).doctor,
  );

  add(
    program,
    'conformance',
    'judge every operation of a backend: forward, gradient, edge shapes',
    ['backend'],
    async () => (await import('./conformance.js')).conformance,
  ).option('-b, --backend <name>', 'backend to judge (default: that of the configuration)');

  const corpus = program.command('corpus').description('prepare text');
  add(
    corpus,
    'build [paths...]',
    'read, extract, clean, deduplicate and split documents',
    ['corpus'],
    async () => (await import('./corpus-build.js')).corpusBuild,
  );

  const tokenizer = program.command('tokenizer').description('train and use a byte-level BPE');
  add(
    tokenizer,
    'train',
    'learn the vocabulary from the corpus, and encode the corpus with it',
    ['tokenizer'],
    async () => (await import('./tokenizer-train.js')).tokenizerTrain,
  );
  add(
    tokenizer,
    'encode [text...]',
    'text (or standard input) to token ids',
    [],
    async () => (await import('./tokenizer-encode.js')).tokenizerEncode,
  );
  add(
    tokenizer,
    'decode [ids...]',
    'token ids (or standard input) to text',
    [],
    async () => (await import('./tokenizer-decode.js')).tokenizerDecode,
  );

  add(
    program,
    'pretrain',
    'train a model on the corpus',
    ['model', 'pretrain', 'backend'],
    async () => (await import('./pretrain.js')).pretrain,
  )
    .option('-r, --resume', 'go on from the newest checkpoint of the run', false)
    .option('--profile', 'time every operation of the backend, and end with a table', false);
  add(
    program,
    'finetune',
    'train a text classifier on labelled text with LoRA',
    ['finetune', 'backend'],
    async () => (await import('./finetune.js')).finetune,
  )
    .option('-r, --resume', 'go on from the newest checkpoint of the fine-tuning', false)
    .option('--profile', 'time every operation of the backend, and end with a table', false);
  add(
    program,
    'eval [checkpoint]',
    'perplexity and bits per byte on held-out documents',
    ['backend'],
    async () => (await import('./eval.js')).evaluate,
  );
  add(
    program,
    'generate [prompt]',
    'write text',
    ['generate', 'backend'],
    async () => (await import('./generate.js')).generateText,
  ).option('-m, --model <folder>', 'checkpoint (default: the newest of the run)');
  add(
    program,
    'export <folder>',
    'copy a checkpoint as a Hugging Face model folder',
    ['backend'],
    async () => (await import('./export.js')).exportModel,
  ).option('-m, --model <folder>', 'checkpoint (default: the newest of the run)');
  add(
    program,
    'quickstart',
    'all of it, on the documentation in node_modules or on your text',
    [],
    async () => (await import('../quickstart/quickstart.js')).quickstart,
  )
    .option('-t, --text <path...>', 'files and folders to read instead')
    .option('--minutes <number>', 'time for all of it', '3.5');

  add(
    program,
    'create <kind> <name>',
    'begin a plug-in: a package with a small working part and its tests',
    undefined,
    async () => (await import('./create.js')).create,
  )
    .option('-f, --folder <folder>', 'where it goes (default: a new one here)')
    .addHelpText(
      'after',
      `\nKinds:\n${describeKinds()}\n\nThe name is that of an npm package, such as heddle-weather or @you/heddle-weather.`,
    );
}
