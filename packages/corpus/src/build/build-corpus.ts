import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Document, HeddleError, type Item, withIo } from '@heddle/core';
import { requireInteger, requireNumber } from '../argument.js';
import { writeFolder } from '../output-folder.js';
import type { DocumentSource, DocumentStage } from '../pipeline.js';
import { DocumentShards } from './document-shards.js';
import {
  type CorpusReport,
  type DropReport,
  DropTally,
  type StageReport,
  Tally,
} from './report.js';
import { type SplitName, splitOf } from './split.js';

export interface BuildProgress {
  /** Documents and their UTF-8 bytes read from the source so far. */
  readonly documents: number;
  readonly bytes: number;
  /** Documents written so far. */
  readonly kept: number;
}

export interface BuildCorpusOptions {
  /** Any core `Source<Document>`; this package's also report what they leave out. */
  readonly source: DocumentSource;
  /** Any core `Stage<Document, Document>`s, in order; named in reports by their functions' `name`. */
  readonly stages: readonly DocumentStage[];
  /** Where to write. Must be absent or empty, unless `overwrite`. */
  readonly directory: string;
  /** Share of documents held out, 0 to 1. 0 writes no validation split. */
  readonly validation: number;
  /** Seed of the split (any safe integer). */
  readonly seed: number;
  /** UTF-8 bytes of text in a shard, before compression. Default 64 MiB. */
  readonly shardBytes?: number;
  /** Replace what `directory` holds, once the new corpus is whole. Default false. */
  readonly overwrite?: boolean;
  /** Called for every document read. */
  readonly onProgress?: (progress: BuildProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Reads a source, passes its documents through stages, splits them by document and writes
 * `train-00000.jsonl.gz` …, `validation-00000.jsonl.gz` … and `report.json`. The folder appears
 * whole or not at all; the same input gives the same bytes. Beside what stages keep (see
 * `exactDedup`, `nearDedup`) memory does not grow with the corpus.
 *
 * @returns what became of every document, also written as `report.json`; see `formatReport`.
 * @throws HeddleError `corpus/empty` if nothing is left to train on, `corpus/empty-split` if
 *   nothing was held out, `corpus/exists`, `io`; the reason of `signal` if it aborts.
 */
export async function buildCorpus(options: BuildCorpusOptions): Promise<CorpusReport> {
  const { directory, validation, seed, shardBytes = 64 * 1024 ** 2 } = options;
  requireNumber('validation', validation, 0, 1);
  requireInteger('seed', seed, Number.MIN_SAFE_INTEGER);
  requireInteger('shardBytes', shardBytes, 1);
  return writeFolder(directory, options.overwrite ?? false, async (temporary) => {
    const report = await build(options, temporary, shardBytes);
    const path = join(temporary, REPORT_FILE);
    await withIo('write', path, () =>
      writeFile(path, `${JSON.stringify(report, null, 2)}\n`, { flush: true }),
    );
    return report;
  });
}

export const REPORT_FILE = 'report.json';

async function build(
  options: BuildCorpusOptions,
  directory: string,
  shardBytes: number,
): Promise<CorpusReport> {
  const { source, validation, seed, signal, onProgress } = options;
  const gave = new Tally();
  const sourceDrops = new DropTally();
  const shards: Record<SplitName, DocumentShards> = {
    train: new DocumentShards(directory, 'train', shardBytes),
    validation: new DocumentShards(directory, 'validation', shardBytes),
  };
  let kept = 0;
  const read = async function* (): AsyncGenerator<Item<Document>> {
    for await (const item of source.read({ rank: 0, worldSize: 1 }, sourceDrops.record)) {
      signal?.throwIfAborted();
      gave.add(Buffer.byteLength(item.value.text));
      onProgress?.({ ...gave.toJSON(), kept });
      yield item;
    }
  };
  const { items, reports } = passThrough(read(), options.stages);
  try {
    for await (const { value: document } of items) {
      signal?.throwIfAborted();
      const side = splitOf(document, { validation, seed });
      await shards[side].write(document, Buffer.byteLength(document.text));
      kept++;
    }
    onProgress?.({ ...gave.toJSON(), kept });
    const train = await shards.train.finish();
    const held = await shards.validation.finish();
    const report: CorpusReport = {
      format: 'heddle-corpus',
      version: 1,
      seed,
      validation,
      source: { name: source.name, gave: gave.toJSON(), dropped: sourceDrops.report() },
      stages: reports(),
      splits: validation > 0 ? [train, held] : [train],
    };
    refuseEmpty(report);
    return report;
  } finally {
    await shards.train.abandon();
    await shards.validation.abandon();
  }
}

/** Passes items through the stages and counts what comes to, leaves, and is lost in each. */
function passThrough(
  items: AsyncIterable<Item<Document>>,
  stages: readonly DocumentStage[],
): { readonly items: AsyncIterable<Item<Document>>; reports(): StageReport[] } {
  const counted = stages.map((stage, i) => {
    const came = new Tally();
    const stayed = new Tally();
    const drops = new DropTally();
    items = count(stage(count(items, came), drops.record), stayed);
    return { name: stage.name || `stage ${i + 1}`, came, stayed, drops };
  });
  return {
    items,
    reports: () =>
      counted.map(({ name, came, stayed, drops }) => {
        const known = drops.total();
        const lost = came.documents - stayed.documents - known.documents;
        const unreported = {
          documents: lost,
          bytes: Math.max(0, came.bytes - stayed.bytes - known.bytes),
        };
        return {
          name,
          came: came.toJSON(),
          stayed: stayed.toJSON(),
          dropped: drops.report(unreported),
        };
      }),
  };
}

async function* count(
  items: AsyncIterable<Item<Document>>,
  tally: Tally,
): AsyncGenerator<Item<Document>> {
  for await (const item of items) {
    tally.add(Buffer.byteLength(item.value.text));
    yield item;
  }
}

function refuseEmpty({ source, stages, splits, validation }: CorpusReport): void {
  const written = splits.reduce((sum, split) => sum + split.documents, 0);
  if (written === 0) throw emptyCorpus(source, stages);
  for (const { name, documents } of splits) {
    if (documents > 0) continue;
    throw new HeddleError(
      'corpus/empty-split',
      `All ${written} documents fell on the other side of the split, none is left for ${name} (validation: ${validation}). ` +
        'Add documents, cut long ones into parts with chunk({ maxCharacters }), or choose another share or seed.',
      { split: name, documents: written, validation },
    );
  }
}

function emptyCorpus(
  source: CorpusReport['source'],
  stages: readonly StageReport[],
): HeddleError<'corpus/empty'> {
  const all: [string, DropReport][] = [
    ...source.dropped.map((drop): [string, DropReport] => ['reading', drop]),
    ...stages.flatMap(({ name, dropped }) =>
      dropped.map((drop): [string, DropReport] => [name, drop]),
    ),
  ];
  const dropped = Object.fromEntries(
    all.map(([stage, { reason, documents }]) => [`${stage}: ${reason}`, documents]),
  );
  const why = Object.entries(dropped).map(([reason, documents]) => `${documents} by ${reason}`);
  const read = source.gave.documents;
  const told =
    read === 0 && why.length === 0
      ? 'the source gave none. Check its paths and its "include" and "exclude" patterns'
      : `${read} were read, and they went: ${why.join(', ')}. Loosen what dropped most, or add text`;
  return new HeddleError('corpus/empty', `No document is left of ${source.name}: ${told}.`, {
    source: source.name,
    read,
    dropped,
  });
}
