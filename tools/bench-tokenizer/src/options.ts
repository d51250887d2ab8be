import { parseArgs } from 'node:util';

export const PARTS = ['encode', 'worst', 'train', 'pool'] as const;
export type Part = (typeof PARTS)[number];

export const VOCABULARIES = [
  ...['gpt2', 'cl100k', 'o200k', 'qwen2', 'bert', 't5', 'mistral'],
] as const;
export type VocabularyName = (typeof VOCABULARIES)[number];

export interface Options {
  readonly parts: readonly Part[];
  readonly vocabularies: readonly VocabularyName[];
  readonly rounds: number;
  readonly megabytes: number;
  readonly json: boolean;
  readonly help: boolean;
}

export const HELP = `Usage: npm run bench:tokenizer -- [options]

Tokenizers of one thread beside each other, in turn in every round: ours, the npm packages
@huggingface/tokenizers, gpt-tokenizer and js-tiktoken, and of Python tiktoken and tokenizers. All are to give
the same ids, in texts as long as documents are.

  --parts encode,worst,train,pool  encode: books_en, novels_zh and our own source code; worst: 10 MB of one letter,
                     of spaces, of one emoji, of one line of base64; train: 24 MB to 32 000 tokens; pool: two workers
                     against one (default: all)
  --vocabularies ${VOCABULARIES.join(',')}
                     (default: all whose files are there)
  --rounds N         measured rounds (default 5)
  --megabytes N      of each text at most (default 4)
  --json             end with one line of JSON: {"ratios": {"<what>": <our throughput over the other's>}}
  --help             this text

HEDDLE_DATA names the folder of texts and vocabularies, HEDDLE_PYTHON a Python with tokenizers and tiktoken,
HEDDLE_PEERS a folder where the npm packages are installed; without it they are installed into a temporary one.
What is not there is skipped.`;

/** @throws RangeError or TypeError that says what is wrong with the command line */
export function parseOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: argv.filter((word) => word !== '--'),
    options: {
      parts: { type: 'string', default: PARTS.join(',') },
      vocabularies: { type: 'string', default: VOCABULARIES.join(',') },
      rounds: { type: 'string', default: '5' },
      megabytes: { type: 'string', default: '4' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    ...values,
    parts: listOf('parts', values.parts, PARTS),
    vocabularies: listOf('vocabularies', values.vocabularies, VOCABULARIES),
    rounds: countOf('rounds', values.rounds),
    megabytes: countOf('megabytes', values.megabytes),
  };
}

function listOf<T extends string>(name: string, given: string, known: readonly T[]): T[] {
  return given.split(',').map((word) => {
    const found = known.find((each) => each === word.trim());
    if (found === undefined)
      throw new RangeError(`--${name}: there is no "${word}"; known: ${known.join(', ')}`);
    return found;
  });
}

function countOf(name: string, given: string): number {
  const count = Number(given);
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new RangeError(`--${name} must be a whole number from 1 on, not ${given}`);
}
