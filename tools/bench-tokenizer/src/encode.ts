import { table } from '../../bench/src/report.js';
import { median } from '../../bench/src/statistics.js';
import type { ContenderProcess } from './contender-process.js';
import type { Contender } from './contenders.js';
import type { EncodeReply, FailedReply, LoadReply } from './protocol.js';
import type { Texts } from './texts.js';

/** One library on one text. */
interface Measured {
  readonly name: string;
  readonly failed?: string;
  readonly digest?: string;
  readonly tokens?: number;
  /** The first time that the process encoded anything. */
  readonly cold?: number;
  readonly warm: number[];
}

interface Ready {
  readonly name: string;
  readonly process: ContenderProcess;
  readonly load: LoadReply | FailedReply;
}

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(2);
const rate = (bytes: number, milliseconds: number): string =>
  (bytes / 1e3 / milliseconds).toFixed(2);

/** Throughput with one vocabulary, the contenders in turn; the first one is ours. */
export async function compareEncoders(
  vocabulary: { readonly name: string; readonly path: string },
  texts: readonly Texts[],
  contenders: readonly Contender[],
  rounds: number,
): Promise<{ readonly ratios: Record<string, number>; readonly right: boolean }> {
  const ratios: Record<string, number> = {};
  let right = true;
  for (const text of texts) {
    const ready = await Promise.all(contenders.map((each) => load(each, vocabulary)));
    try {
      const all = await measure(ready, text, rounds);
      console.log(`\n${vocabulary.name}, ${text.name}, ${(text.bytes / 1e6).toFixed(1)} MB`);
      report(all, ready, text.bytes);
      for (const [other, ratio] of ratiosOf(all))
        ratios[`${vocabulary.name}, ${text.name}, ${other}`] = ratio;
      if (all[0].failed !== undefined) right = false;
    } finally {
      await Promise.all(ready.map(({ process }) => process.end()));
    }
  }
  return { ratios, right };
}

/** Our throughput over that of each other library. */
function ratiosOf([own, ...others]: readonly Measured[]): [string, number][] {
  if (own.failed !== undefined) return [];
  return others
    .filter(({ failed }) => failed === undefined)
    .map(({ name, warm }) => [name, Number((median(warm) / median(own.warm)).toFixed(3))]);
}

function report(all: readonly Measured[], ready: readonly Ready[], bytes: number): void {
  const done = all.filter(({ failed }) => failed === undefined);
  const rows = done.map((each) => row(each, all[0], ready[all.indexOf(each)].load, bytes));
  console.log(table([HEAD, ...rows]));
  for (const { name, failed } of all) if (failed !== undefined) console.log(`${name}: ${failed}`);
}

const HEAD = ['', 'load s', 'cold MB/s', 'warm MB/s', 'ours over it', 'tokens', 'ids'];

async function load(
  contender: Contender,
  { name, path }: { readonly name: string; readonly path: string },
): Promise<Ready> {
  const process = contender.start();
  const reply = await process.ask<LoadReply>({ do: 'load', vocabulary: name, path });
  return { name: contender.name, process, load: reply };
}

async function measure(ready: readonly Ready[], text: Texts, rounds: number): Promise<Measured[]> {
  const all = ready.map(({ name, load }) => ({
    ...{ name, warm: [] as number[], failed: 'failed' in load ? load.failed : undefined },
    ...{ digest: undefined, tokens: undefined, cold: undefined },
  })) as { -readonly [Key in keyof Measured]: Measured[Key] }[];
  for (let round = 0; round <= rounds; round++) {
    for (const [i, each] of all.entries()) {
      if (each.failed !== undefined) continue;
      const reply = await ready[i].process.ask<EncodeReply>({ do: 'encode', path: text.path });
      if ('failed' in reply) each.failed = reply.failed;
      else if (round > 0) each.warm.push(reply.milliseconds);
      else Object.assign(each, { ...reply, cold: reply.milliseconds });
    }
  }
  return all;
}

function row(
  each: Measured,
  own: Measured,
  load: LoadReply | FailedReply,
  bytes: number,
): string[] {
  const warm = median(each.warm);
  const ratio = own.failed === undefined ? `${(warm / median(own.warm)).toFixed(2)}x` : '';
  return [
    each.name,
    'milliseconds' in load ? seconds(load.milliseconds) : '',
    rate(bytes, each.cold ?? Number.NaN),
    rate(bytes, warm),
    each === own ? '' : ratio,
    String(each.tokens),
    each === own ? '' : each.digest === own.digest ? 'equal' : 'DIFFER',
  ];
}
