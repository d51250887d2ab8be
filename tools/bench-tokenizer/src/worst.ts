import { table } from '../../bench/src/report.js';
import type { Contender } from './contenders.js';
import type { EncodeReply, LoadReply } from './protocol.js';
import type { Texts } from './texts.js';

/** How long one may take; some take a time that grows with the square of the length. */
const MOST_SECONDS = 30;

/** Seconds for texts without an end of a word, each library in a process of its own. */
export async function compareWorstCases(
  vocabulary: { readonly name: string; readonly path: string },
  texts: readonly Texts[],
  contenders: readonly Contender[],
): Promise<Record<string, number>> {
  const ratios: Record<string, number> = {};
  const rows: string[][] = [];
  for (const text of texts) {
    const took: (number | string)[] = [];
    const digests: (string | undefined)[] = [];
    for (const contender of contenders) {
      const process = contender.start();
      const { name, path } = vocabulary;
      const loaded = await process.ask<LoadReply>({ do: 'load', vocabulary: name, path });
      const reply =
        'failed' in loaded
          ? loaded
          : await process.ask<EncodeReply>({ do: 'encode', path: text.path }, MOST_SECONDS);
      took.push('failed' in reply ? reply.failed : reply.milliseconds);
      digests.push('failed' in reply ? undefined : reply.digest);
      await process.end();
    }
    rows.push([text.name, ...took.map((time, i) => cell(time, digests[i], digests[0]))]);
    for (const [i, time] of took.entries()) {
      if (i > 0 && typeof time === 'number' && typeof took[0] === 'number')
        ratios[`${vocabulary.name}, 10 MB of ${text.name}, ${contenders[i].name}`] = Number(
          (time / took[0]).toFixed(3),
        );
    }
  }
  console.log(`\nWorst cases, ${vocabulary.name}, seconds for 10 MB in a new process`);
  console.log(table([['', ...contenders.map(({ name }) => name)], ...rows]));
  return ratios;
}

function cell(time: number | string, digest: string | undefined, own: string | undefined): string {
  if (typeof time === 'string') return time.slice(0, 40);
  return `${(time / 1000).toFixed(2)}${digest === own ? '' : ' (other ids)'}`;
}
