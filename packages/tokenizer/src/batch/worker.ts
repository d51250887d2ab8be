import { workerData } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { loadTokenizer } from '../tokenizer-file.js';
import { tokenizerFromJson } from '../tokenizer-json.js';
import { joinedIds } from './encoded-texts.js';
import { type EncodeReply, type EncodeTask, sentError, type WorkerStart } from './message.js';

/** The program of a worker: it reads its tokenizer once, and then encodes what it is sent. */

const { source } = workerData as WorkerStart;
const tokenizer = (async () =>
  typeof source === 'string' ? loadTokenizer(source) : tokenizerFromJson(source))();
tokenizer.catch(() => undefined);

export default async function encode({ texts, options }: EncodeTask): Promise<unknown> {
  try {
    const { encode } = await tokenizer;
    const whole = { ...options, truncation: false, padding: false } as const;
    const encoded = joinedIds(texts.map((text) => encode(text, whole).ids));
    return moved({ encoded }, [encoded.ids.buffer, encoded.starts.buffer]);
  } catch (error) {
    return moved({ error: sentError(error) }, []);
  }
}

/** A reply whose buffers are handed over, not copied. */
function moved(reply: EncodeReply, buffers: readonly ArrayBufferLike[]): unknown {
  return move({ [transferableSymbol]: buffers, [valueSymbol]: reply });
}
