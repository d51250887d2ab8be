import { parseArgs } from 'node:util';
import { CASES, type Precision } from './cases.js';

const KERNELS = ['native', 'wasm', 'reference'] as const;
type Kernels = (typeof KERNELS)[number];

export interface Options {
  readonly cases: readonly string[];
  readonly dtypes: readonly Precision[];
  readonly rounds: number;
  readonly threads: number;
  readonly kernels: Kernels | undefined;
  readonly checkpointing: boolean;
  readonly ops: boolean;
  readonly only: string;
  readonly json: boolean;
  readonly help: boolean;
}

export const HELP = `Usage: pnpm bench:cpu [options]

Training steps (forward, backward, clipping, AdamW) of Heddle's cpu backend beside PyTorch's, the
contenders in turn in every round.

  --cases S,M,L      S: GPT, 6 layers, 384 wide; M: GPT-2 124M; L: a Llama of M's size (default: all)
  --dtypes f32,bf16  bf16: mixed precision, autocast on both sides (default: both)
  --rounds N         measured rounds after five of warm-up (default 7)
  --threads N        threads of each contender (default 2)
  --kernels NAME     native, wasm or reference (default: the best there is)
  --checkpointing    instead: M with and without activation checkpointing, memory and time
  --ops              instead: single operations against the processor's peak and the memory's bandwidth,
                     which a C program measures in turn with them ($CC or cc compiles it)
  --only TEXT        of --ops those whose names hold the text
  --json             end with one line of JSON: {"ratios": {"<case>-<dtype>": <our throughput over the peer's>}}
  --help             this text

HEDDLE_PYTHON names a Python with torch, HEDDLE_PYTHON_DEBIAN one with Debian's python3-torch; without
them their columns are skipped.`;

/** @throws RangeError or TypeError that says what is wrong with the command line */
export function parseOptions(argv: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...argv].filter((word) => word !== '--'),
    options: {
      cases: { type: 'string', default: 'S,M,L' },
      dtypes: { type: 'string', default: 'f32,bf16' },
      rounds: { type: 'string', default: '7' },
      threads: { type: 'string', default: '2' },
      kernels: { type: 'string' },
      checkpointing: { type: 'boolean', default: false },
      ops: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    ...values,
    cases: listOf('cases', values.cases, [...CASES.keys()]),
    kernels:
      values.kernels === undefined ? undefined : listOf('kernels', values.kernels, KERNELS)[0],
    dtypes: listOf('dtypes', values.dtypes, ['f32', 'bf16'] as const),
    rounds: countOf('rounds', values.rounds),
    threads: countOf('threads', values.threads),
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
