import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Document } from '@heddle/core';
import { OutputFile } from '../output-file.js';
import { type ShardReport, type SplitReport, Tally } from './report.js';

const compress = promisify(gzip);

/**
 * Writes documents as `<split>-00000.jsonl.gz` and so on, one JSON object a line. A shard is a row
 * of gzip members, which every gzip reader reads as one file.
 */
export class DocumentShards {
  private readonly total = new Tally();
  private readonly shards: ShardReport[] = [];
  private open:
    | { readonly file: OutputFile; readonly name: string; readonly tally: Tally }
    | undefined;

  constructor(
    private readonly directory: string,
    readonly split: string,
    private readonly shardBytes: number,
  ) {}

  async write(document: Document, bytes: number): Promise<void> {
    if (this.open && this.open.tally.bytes > 0 && this.open.tally.bytes + bytes > this.shardBytes) {
      await this.finishShard();
    }
    if (this.open === undefined) {
      const name = shardName(this.split, this.shards.length);
      const file = await OutputFile.create(join(this.directory, name), {
        encode: (block) => compress(block),
        blockBytes: 4 * 1024 ** 2,
      });
      this.open = { file, name, tally: new Tally() };
    }
    const { id, text, meta } = document;
    await this.open.file.write(Buffer.from(`${JSON.stringify({ id, text, meta })}\n`));
    this.open.tally.add(bytes);
    this.total.add(bytes);
  }

  async finish(): Promise<SplitReport> {
    await this.finishShard();
    return { name: this.split, ...this.total.toJSON(), shards: this.shards };
  }

  async abandon(): Promise<void> {
    await this.open?.file.abandon();
  }

  private async finishShard(): Promise<void> {
    if (this.open === undefined) return;
    const { file, name, tally } = this.open;
    this.open = undefined;
    await file.close();
    this.shards.push({ file: name, ...tally.toJSON() });
  }
}

export function shardName(split: string, number: number): string {
  return `${split}-${String(number).padStart(5, '0')}.jsonl.gz`;
}
