import { table } from '../../bench/src/report.js';
import { median } from '../../bench/src/statistics.js';
import type { Contender } from './contenders.js';
import type { TrainReply } from './protocol.js';
import type { Texts } from './texts.js';

const VOCAB_SIZE = 32_000;

/** Training of byte-level BPE, each time in a new process. */
export async function compareTraining(
  corpus: Texts,
  contenders: readonly Contender[],
  rounds: number,
): Promise<Record<string, number>> {
  const took = contenders.map((): number[] => []);
  const digests: string[] = [];
  const failed: string[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const [i, contender] of contenders.entries()) {
      const process = contender.start();
      const request = { do: 'train', path: corpus.path, vocabSize: VOCAB_SIZE } as const;
      const reply = await process.ask<TrainReply>(request);
      await process.end();
      if ('failed' in reply) failed[i] = reply.failed;
      else {
        took[i].push(reply.milliseconds);
        digests[i] = reply.digest;
      }
    }
  }
  const own = took[0].length > 0 ? median(took[0]) : undefined;
  const rows = contenders.map(({ name }, i) => {
    if (took[i].length === 0) return [name, failed[i], '', ''];
    const time = median(took[i]);
    const ratio = i > 0 && own !== undefined ? `${(time / own).toFixed(2)}x` : '';
    const same = i === 0 ? '' : digests[i] === digests[0] ? 'equal' : 'DIFFER';
    return [name, (time / 1000).toFixed(2), ratio, same];
  });
  console.log(`\nTraining, ${(corpus.bytes / 1e6).toFixed(1)} MB to ${VOCAB_SIZE} tokens`);
  console.log(table([['', 'median s', 'ours over it', 'merges'], ...rows]));
  if (own === undefined) return {};
  const others = contenders.map(({ name }, i) => [name, took[i]] as const).slice(1);
  return Object.fromEntries(
    others
      .filter(([, times]) => times.length > 0)
      .map(([name, times]) => [`training, ${name}`, Number((median(times) / own).toFixed(3))]),
  );
}
