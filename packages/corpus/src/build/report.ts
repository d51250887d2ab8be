import type { OnDrop } from '../pipeline.js';

/** Documents and their UTF-8 bytes. */
export interface Amount {
  readonly documents: number;
  readonly bytes: number;
}

/** Why documents went no further, with a few ids to look at. */
export interface DropReport extends Amount {
  readonly reason: string;
  readonly examples: readonly string[];
}

export interface StageReport {
  readonly name: string;
  readonly came: Amount;
  readonly stayed: Amount;
  /** Most documents first. */
  readonly dropped: readonly DropReport[];
}

export interface ShardReport extends Amount {
  readonly file: string;
}

export interface SplitReport extends Amount {
  readonly name: string;
  readonly shards: readonly ShardReport[];
}

/** What became of every document; the content of `report.json`. */
export interface CorpusReport {
  readonly format: 'heddle-corpus';
  readonly version: 1;
  readonly seed: number;
  readonly validation: number;
  /** `came` to the first stage, and files and lines that the source left out. */
  readonly source: {
    readonly name: string;
    readonly gave: Amount;
    readonly dropped: readonly DropReport[];
  };
  readonly stages: readonly StageReport[];
  readonly splits: readonly SplitReport[];
}

/** Ids that a report shows for each reason. */
const EXAMPLES = 5;

/** Counts documents. */
export class Tally implements Amount {
  documents = 0;
  bytes = 0;

  add(bytes: number): void {
    this.documents++;
    this.bytes += bytes;
  }

  toJSON(): Amount {
    return { documents: this.documents, bytes: this.bytes };
  }
}

/** Counts drops by reason. */
export class DropTally {
  private readonly reasons = new Map<string, { tally: Tally; examples: string[] }>();

  readonly record: OnDrop = ({ id, reason, bytes }) => {
    let entry = this.reasons.get(reason);
    if (entry === undefined) {
      entry = { tally: new Tally(), examples: [] };
      this.reasons.set(reason, entry);
    }
    entry.tally.add(bytes);
    if (entry.examples.length < EXAMPLES) entry.examples.push(id);
  };

  /** Most documents first, then by name. `others`: what went without a reason. */
  report(others: Amount = { documents: 0, bytes: 0 }): DropReport[] {
    const known = Array.from(this.reasons, ([reason, { tally, examples }]) => ({
      reason,
      ...tally.toJSON(),
      examples,
    }));
    if (others.documents > 0) {
      known.push({ reason: 'unreported', ...others, examples: [] });
    }
    return known.sort(
      (a, b) =>
        b.documents - a.documents || (a.reason < b.reason ? -1 : a.reason > b.reason ? 1 : 0),
    );
  }

  total(): Amount {
    const total = { documents: 0, bytes: 0 };
    for (const { tally } of this.reasons.values()) {
      total.documents += tally.documents;
      total.bytes += tally.bytes;
    }
    return total;
  }
}

/** `report` as a table to read: what came, what each stage dropped and why, what was written. */
export function formatReport(report: CorpusReport): string {
  const rows: [string, string, string][] = [['', 'documents', 'size']];
  const add = (label: string, amount: Amount, sign = ''): void => {
    rows.push([label, sign + amount.documents.toLocaleString('en-US'), formatBytes(amount.bytes)]);
  };
  const addDropped = (dropped: readonly DropReport[]): void => {
    for (const drop of dropped) add(`  ${drop.reason}`, drop, '-');
  };
  addDropped(report.source.dropped);
  add(`read from ${shorten(report.source.name)}`, report.source.gave);
  for (const stage of report.stages) {
    addDropped(stage.dropped);
    add(`after ${stage.name}`, stage.stayed);
  }
  for (const split of report.splits) add(`written to ${split.name}`, split);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map(([label, documents, size]) =>
      [label.padEnd(widths[0]), documents.padStart(widths[1]), size.padStart(widths[2])].join('  '),
    )
    .join('\n');
}

function shorten(name: string): string {
  return name.length <= 60 ? name : `${name.slice(0, 40)}…${name.slice(-19)}`;
}

function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit++;
  }
  return `${unit === 0 ? bytes : bytes.toFixed(1)} ${units[unit]}`;
}
