import { HeddleError, type Json } from '@heddle/core';
import { Piscina } from 'piscina';
import type { EncodeIntoOptions } from '../tokenizer.js';
import { type EncodedTexts, joinedBatches } from './encoded-texts.js';
import { type EncodeReply, type EncodeTask, receivedError, type WorkerStart } from './message.js';
import { shares } from './shares.js';
import { workerCount } from './worker-count.js';
import { workerLost, workerProgram } from './worker-threads.js';

export interface TokenizerPoolOptions {
  /** Threads that encode. Default: the environment's HEDDLE_THREADS, else the cores that this process may use. */
  readonly workers?: number;
}

/** Tokenizers of one `tokenizer.json` on several threads. */
export interface TokenizerPool extends AsyncDisposable {
  readonly workers: number;
  /**
   * The ids of texts, the same as those of one `encode` after the other; nothing is truncated or padded.
   *
   * @throws tokenizer/worker-lost if a worker ended meanwhile; the pool then has a new one
   */
  encodeBatch(texts: readonly string[], options?: EncodeIntoOptions): Promise<EncodedTexts>;
}

/**
 * Starts workers, each with a tokenizer of its own.
 *
 * @param source the path of a `tokenizer.json`, or its content
 * @throws what `loadTokenizer` and `tokenizerFromJson` throw
 */
export async function tokenizerPool(
  source: Json,
  options: TokenizerPoolOptions = {},
): Promise<TokenizerPool> {
  const workers = workerCount('tokenizerPool', options.workers);
  const start: WorkerStart = { source };
  const threads = new Piscina<EncodeTask, EncodeReply>({
    ...workerProgram('batch/worker'),
    ...{ minThreads: workers, maxThreads: workers, recordTiming: false, workerData: start },
    // One is sent while one is encoded, so that no worker waits for this thread.
    concurrentTasksPerWorker: 2,
  });
  let open = true;
  const close = async (): Promise<void> => {
    open = false;
    await threads.destroy();
  };
  const encode = async (task: EncodeTask): Promise<EncodedTexts> => {
    const reply = await threads.run(task).catch((error) => {
      throw workerLost('tokenizerPool', error, 'Give it shorter texts, or encode again.');
    });
    if ('error' in reply) throw receivedError(reply.error);
    return reply.encoded;
  };
  try {
    await encode({ texts: [], options: {} });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    workers,
    async encodeBatch(texts, options = {}) {
      if (!open) throw disposed();
      const tasks = shares(texts, workers).map((share) => ({ texts: share, options }));
      return joinedBatches(await Promise.all(tasks.map(encode)));
    },
    [Symbol.asyncDispose]: close,
  };
}

function disposed(): HeddleError<'use-after-free'> {
  return new HeddleError('use-after-free', 'tokenizerPool: the pool was disposed.', {
    what: 'tokenizer pool',
  });
}
