import { Piscina } from 'piscina';
import { receivedError } from '../batch/message.js';
import { workerCount } from '../batch/worker-count.js';
import { workerLost, workerProgram } from '../batch/worker-threads.js';
import type { CountPieces } from './count-pieces.js';
import type { CountReply, CountStart } from './count-worker.js';
import { PieceCounts } from './piece-counts.js';
import { readTexts } from './read-texts.js';

export interface CountInWorkersOptions {
  /** Threads that count. Default: the environment's HEDDLE_THREADS, else the cores that this process may use. */
  readonly workers?: number;
}

/** UTF-16 units of texts that a worker is sent at once; a longer text is sent whole. */
const UNITS_A_BATCH = 1 << 21;
/** Batches of each worker that wait to be counted. */
const BATCHES_AHEAD = 2;

/**
 * Counts the pieces of texts in worker threads: an option of `trainBpe` and the others. The vocabulary is the same
 * for any number of workers. The normalizer and the pre-tokenizer have to be ones that `tokenizer.json` can hold.
 *
 * @throws tokenizer/worker-lost if a worker ended meanwhile
 */
export function countInWorkers(options: CountInWorkersOptions = {}): CountPieces {
  const workers = workerCount('countInWorkers', options.workers);
  return async (texts, { normalizer, preTokenizer }, readOptions) => {
    const start: CountStart = {
      normalizer: normalizer?.toJSON() ?? null,
      preTokenizer: preTokenizer?.toJSON() ?? null,
    };
    const threads = new Piscina<readonly string[], CountReply>({
      ...workerProgram('train/count-worker'),
      ...{ minThreads: workers, maxThreads: workers, recordTiming: false, workerData: start },
    });
    try {
      const batches = new Batches(threads, workers * BATCHES_AHEAD);
      await readTexts(texts, readOptions, {
        add: (text) => batches.add(text),
        pieces: () => batches.counts.size,
      });
      await batches.end();
      return batches.counts;
    } finally {
      await threads.destroy();
    }
  };
}

/** Texts on their way to workers, and counts on their way back, in the order of the texts. */
class Batches {
  readonly counts = new PieceCounts();
  readonly #threads: Piscina<readonly string[], CountReply>;
  readonly #most: number;
  readonly #running: Promise<CountReply>[] = [];
  #texts: string[] = [];
  #units = 0;

  constructor(threads: Piscina<readonly string[], CountReply>, most: number) {
    this.#threads = threads;
    this.#most = most;
  }

  add(text: string): Promise<void> | undefined {
    this.#texts.push(text);
    this.#units += text.length;
    if (this.#units < UNITS_A_BATCH) return undefined;
    this.#send();
    return this.#running.length < this.#most ? undefined : this.#receive();
  }

  async end(): Promise<void> {
    if (this.#texts.length > 0) this.#send();
    while (this.#running.length > 0) await this.#receive();
  }

  #send(): void {
    const reply = this.#threads.run(this.#texts);
    // It is waited for later, or not at all if another one fails first.
    reply.catch(() => undefined);
    this.#running.push(reply);
    this.#texts = [];
    this.#units = 0;
  }

  async #receive(): Promise<void> {
    const reply = await this.#running.shift()?.catch((error) => {
      throw workerLost('countInWorkers', error, 'Give it shorter texts, or fewer workers.');
    });
    if (reply === undefined) return;
    if ('error' in reply) throw receivedError(reply.error);
    for (const [i, piece] of reply.pieces.entries()) {
      this.counts.add(piece, 0, piece.length, reply.counts[i]);
    }
  }
}
