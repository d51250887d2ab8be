import { HeddleError } from '@heddle/core';

/** What a worker runs: the built program at `path`, or when the sources run its source. */
export function workerProgram(path: string): {
  readonly filename: string;
  readonly execArgv?: string[];
} {
  if (!import.meta.url.endsWith('.ts')) {
    return { filename: new URL(`./${path}.js`, import.meta.url).href };
  }
  return {
    filename: new URL(`../${path}.ts`, import.meta.url).href,
    execArgv: ['--conditions=@heddle/source', '--import', 'tsx'],
  };
}

/** A worker that `caller` started ended before it was done. */
export function workerLost(
  caller: string,
  error: unknown,
  advice: string,
): HeddleError<'tokenizer/worker-lost'> {
  const reason = error instanceof Error ? error.message : String(error);
  return new HeddleError(
    'tokenizer/worker-lost',
    `${caller}: a worker ended before it was done (${reason}). ${advice}`,
    { reason },
    { cause: error },
  );
}
