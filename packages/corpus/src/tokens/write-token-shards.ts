import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Document, HeddleError, type Source, type Tokenizer, withIo } from '@heddle/core';
import { requireInteger } from '../argument.js';
import { OutputFile } from '../output-file.js';
import { writeFolder } from '../output-folder.js';
import { tokenizerFingerprint } from './fingerprint.js';
import {
  encodeHeader,
  encodeIndexHeader,
  encodeTokens,
  HEADER_BYTES,
  LARGEST_VOCABULARY,
  shardFile,
  type TokenDType,
  VERSION,
} from './format.js';

export interface TokenProgress {
  readonly documents: number;
  readonly tokens: number;
  readonly textBytes: number;
}

export interface WriteTokenShardsOptions {
  /** E.g. `readCorpus(directory, 'train')`. */
  readonly documents: Source<Document>;
  readonly tokenizer: Tokenizer;
  /** Where to write. Must be absent or empty, unless `overwrite`. */
  readonly directory: string;
  /** The special token put after each document. Default `<|endoftext|>`. */
  readonly endOfText?: string;
  /** Default: `u16` for vocabularies up to 65,536, else `u32`. */
  readonly dtype?: TokenDType;
  /** Tokens in a shard; a document is never cut. Default 2^27. */
  readonly shardTokens?: number;
  /** Replace what `directory` holds, once the new shards are whole. Default false. */
  readonly overwrite?: boolean;
  /** Called for every document. */
  readonly onProgress?: (progress: TokenProgress) => void;
  readonly signal?: AbortSignal;
}

/** The content of `tokens.json`. */
export interface TokenShardsReport {
  readonly format: 'heddle-tokens';
  readonly version: 1;
  readonly dtype: TokenDType;
  readonly vocabSize: number;
  /** The id after each document. */
  readonly endOfText: number;
  readonly fingerprint: string;
  readonly tokens: number;
  readonly documents: number;
  /** UTF-8 bytes of the text: what bits per byte are counted over. */
  readonly textBytes: number;
  readonly shards: readonly {
    readonly file: string;
    readonly tokens: number;
    readonly documents: number;
  }[];
}

export const TOKENS_FILE = 'tokens.json';

/**
 * Tokenizes documents into shards on disk (see `format.ts` for the layout): the ids of a text, read
 * without special tokens, then the end-of-text id. The folder appears whole or not at all. Memory
 * holds one document and small buffers.
 *
 * @throws HeddleError `corpus/vocabulary-too-large`, `corpus/no-end-of-text`,
 *   `corpus/token-out-of-range`, `corpus/empty`, `corpus/exists`, `io`; the reason of `signal`.
 */
export async function writeTokenShards(
  options: WriteTokenShardsOptions,
): Promise<TokenShardsReport> {
  const { tokenizer, directory, shardTokens = 2 ** 27 } = options;
  requireInteger('shardTokens', shardTokens, 1, 2 ** 40);
  const { vocabSize } = tokenizer;
  const dtype = options.dtype ?? (vocabSize <= LARGEST_VOCABULARY.u16 ? 'u16' : 'u32');
  if (vocabSize > LARGEST_VOCABULARY[dtype]) {
    const largest = LARGEST_VOCABULARY[dtype];
    throw new HeddleError(
      'corpus/vocabulary-too-large',
      `A vocabulary of ${vocabSize} does not fit into ${dtype}, which counts to ${largest}. Leave "dtype" out, or train a smaller tokenizer.`,
      { vocabSize, dtype, largest },
    );
  }
  const endOfText = endOfTextId(tokenizer, options.endOfText ?? '<|endoftext|>');
  const fingerprint = tokenizerFingerprint(tokenizer);
  const fixed = { dtype, vocabSize, endOfText, fingerprint };
  return writeFolder(directory, options.overwrite ?? false, async (temporary) => {
    const written = await writeShards(options, temporary, shardTokens, fixed);
    const report: TokenShardsReport = {
      format: 'heddle-tokens',
      version: VERSION,
      ...fixed,
      ...written,
    };
    const path = join(temporary, TOKENS_FILE);
    const json = `${JSON.stringify(report, null, 2)}\n`;
    await withIo('write', path, () => writeFile(path, json, { flush: true }));
    return report;
  });
}

function endOfTextId(tokenizer: Tokenizer, token: string): number {
  const id = tokenizer.idOf(token);
  if (id !== undefined) return id;
  throw new HeddleError(
    'corpus/no-end-of-text',
    `The tokenizer has no token "${token}" to put between documents. Train it with that special token, or name one that it has in "endOfText".`,
    { token },
  );
}

type FixedFields = Pick<TokenShardsReport, 'dtype' | 'vocabSize' | 'endOfText' | 'fingerprint'>;

async function writeShards(
  options: WriteTokenShardsOptions,
  directory: string,
  shardTokens: number,
  fixed: FixedFields,
): Promise<Pick<TokenShardsReport, 'tokens' | 'documents' | 'textBytes' | 'shards'>> {
  const { documents: source, tokenizer, signal, onProgress } = options;
  const total = { tokens: 0, documents: 0, textBytes: 0 };
  const shards: { file: string; tokens: number; documents: number }[] = [];
  let shard: Shard | undefined;
  try {
    for await (const { value: document } of source.read({ rank: 0, worldSize: 1 })) {
      signal?.throwIfAborted();
      const ids = documentIds(document, tokenizer, fixed);
      if (shard && shard.tokens + ids.length > shardTokens) {
        shards.push(await shard.finish());
        shard = undefined;
      }
      shard ??= await Shard.create(directory, shards.length, fixed);
      const textBytes = Buffer.byteLength(document.text);
      await shard.write(ids, textBytes);
      total.tokens += ids.length;
      total.documents++;
      total.textBytes += textBytes;
      onProgress?.({ ...total });
    }
    if (shard === undefined) {
      throw new HeddleError('corpus/empty', `${source.name} gave no document to tokenize.`, {
        source: source.name,
        read: 0,
        dropped: {},
      });
    }
    shards.push(await shard.finish());
    return { ...total, shards };
  } catch (error) {
    await shard?.abandon();
    throw error;
  }
}

/** The ids of a document with the end-of-text id after them. */
function documentIds(document: Document, tokenizer: Tokenizer, fixed: FixedFields): Int32Array {
  const { ids } = tokenizer.encode(document.text, {
    addSpecialTokens: false,
    parseSpecialTokens: false,
  });
  for (const id of ids) {
    if (id >= 0 && id < fixed.vocabSize) continue;
    throw new HeddleError(
      'corpus/token-out-of-range',
      `The tokenizer gave id ${id} in document "${document.id}", but says that its vocabulary has ${fixed.vocabSize} entries. It contradicts itself; check it with the tokenizer suite of @heddle/testkit.`,
      { document: document.id, id, vocabSize: fixed.vocabSize },
    );
  }
  const all = new Int32Array(ids.length + 1);
  all.set(ids);
  all[ids.length] = fixed.endOfText;
  return all;
}

/** One shard that is being written. */
class Shard {
  tokens = 0;
  private documents = 0;
  private textBytes = 0;

  private constructor(
    private readonly name: string,
    private readonly fixed: FixedFields,
    private readonly data: OutputFile,
    private readonly index: OutputFile,
  ) {}

  static async create(directory: string, number: number, fixed: FixedFields): Promise<Shard> {
    const name = shardFile(number, 'bin');
    const data = await OutputFile.create(join(directory, name));
    const index = await OutputFile.create(join(directory, shardFile(number, 'idx')));
    // Room for the header; until it is filled in, the file is not a shard.
    await data.write(new Uint8Array(HEADER_BYTES));
    await index.write(encodeIndexHeader());
    return new Shard(name, fixed, data, index);
  }

  async write(ids: Int32Array, textBytes: number): Promise<void> {
    this.tokens += ids.length;
    this.documents++;
    this.textBytes += textBytes;
    await this.data.write(encodeTokens(ids, this.fixed.dtype));
    const end = Buffer.alloc(8);
    end.writeBigUInt64LE(BigInt(this.tokens));
    await this.index.write(end);
  }

  async finish(): Promise<TokenShardsReport['shards'][number]> {
    const { tokens, documents, textBytes } = this;
    await this.data.rewriteStart(encodeHeader({ ...this.fixed, tokens, documents, textBytes }));
    await this.data.close();
    await this.index.close();
    return { file: this.name, tokens, documents };
  }

  async abandon(): Promise<void> {
    await this.data.abandon();
    await this.index.abandon();
  }
}
