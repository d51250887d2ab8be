import { endianness } from 'node:os';
import { HeddleError } from '@heddle/core';
import { badFile } from '../read-json.js';

/**
 * A token shard is two files, little-endian. `tokens-00000.bin`: 64 bytes of header, then the
 * tokens. `tokens-00000.idx`: 16 bytes of header, then for each document a u64, the position in
 * the shard after its last token (its end-of-text token).
 *
 *     .bin   0  'HEDDLTOK'          .idx   0  'HEDDLIDX'
 *            8  u32 version                8  u32 version
 *           12  u32 bytes a token         12  u32 0
 *           16  u32 vocabulary size
 *           20  u32 end-of-text id
 *           24  u64 tokens
 *           32  u64 documents
 *           40  u64 UTF-8 bytes of the text
 *           48  16 bytes of the tokenizer's fingerprint
 */
export const VERSION = 1;
export const HEADER_BYTES = 64;
export const INDEX_HEADER_BYTES = 16;
const MAGIC = 'HEDDLTOK';
const INDEX_MAGIC = 'HEDDLIDX';

export type TokenDType = 'u16' | 'u32';

export const TOKEN_BYTES: Readonly<Record<TokenDType, 2 | 4>> = { u16: 2, u32: 4 };

/** The largest vocabulary of a dtype; ids are handed out as i32, which bounds `u32`. */
export const LARGEST_VOCABULARY: Readonly<Record<TokenDType, number>> = {
  u16: 2 ** 16,
  u32: 2 ** 31,
};

export interface ShardHeader {
  readonly dtype: TokenDType;
  readonly vocabSize: number;
  readonly endOfText: number;
  readonly tokens: number;
  readonly documents: number;
  readonly textBytes: number;
  /** 32 hexadecimal digits. */
  readonly fingerprint: string;
}

export function encodeHeader(header: ShardHeader): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.write(MAGIC, 0, 'latin1');
  bytes.writeUInt32LE(VERSION, 8);
  bytes.writeUInt32LE(TOKEN_BYTES[header.dtype], 12);
  bytes.writeUInt32LE(header.vocabSize, 16);
  bytes.writeUInt32LE(header.endOfText, 20);
  bytes.writeBigUInt64LE(BigInt(header.tokens), 24);
  bytes.writeBigUInt64LE(BigInt(header.documents), 32);
  bytes.writeBigUInt64LE(BigInt(header.textBytes), 40);
  bytes.write(header.fingerprint, 48, 'hex');
  return bytes;
}

/** The header of a `.bin` file of `fileBytes` bytes, checked against itself and the file's size. */
export function decodeHeader(bytes: Buffer, path: string, fileBytes: number): ShardHeader {
  requireStart(bytes, path, MAGIC, HEADER_BYTES);
  const width = bytes.readUInt32LE(12);
  const dtype = width === 2 ? 'u16' : width === 4 ? 'u32' : undefined;
  if (dtype === undefined) throw badFile(path, `it has ${width} bytes a token, not 2 or 4`);
  const header: ShardHeader = {
    dtype,
    vocabSize: bytes.readUInt32LE(16),
    endOfText: bytes.readUInt32LE(20),
    tokens: Number(bytes.readBigUInt64LE(24)),
    documents: Number(bytes.readBigUInt64LE(32)),
    textBytes: Number(bytes.readBigUInt64LE(40)),
    fingerprint: bytes.toString('hex', 48, 64),
  };
  const { vocabSize, endOfText, tokens, documents } = header;
  if (vocabSize > LARGEST_VOCABULARY[dtype]) {
    throw badFile(path, `its vocabulary of ${vocabSize} does not fit into its dtype ${dtype}`);
  }
  if (endOfText >= vocabSize) {
    throw badFile(path, `its end-of-text id ${endOfText} is not in its vocabulary of ${vocabSize}`);
  }
  const expected = HEADER_BYTES + tokens * width;
  if (expected !== fileBytes) {
    throw badFile(path, `its header promises ${expected} bytes, the file has ${fileBytes}`);
  }
  // Each document ends in a token of its own.
  if (documents > tokens)
    throw badFile(path, `it claims ${documents} documents in ${tokens} tokens`);
  return header;
}

export function encodeIndexHeader(): Uint8Array {
  const bytes = Buffer.alloc(INDEX_HEADER_BYTES);
  bytes.write(INDEX_MAGIC, 0, 'latin1');
  bytes.writeUInt32LE(VERSION, 8);
  return bytes;
}

/** Checks the beginning and the size of an `.idx` file. */
export function checkIndex(
  bytes: Buffer,
  path: string,
  fileBytes: number,
  documents: number,
): void {
  requireStart(bytes, path, INDEX_MAGIC, INDEX_HEADER_BYTES);
  const expected = INDEX_HEADER_BYTES + documents * 8;
  if (expected !== fileBytes) {
    throw badFile(path, `${documents} documents need ${expected} bytes, the file has ${fileBytes}`);
  }
}

function requireStart(bytes: Buffer, path: string, magic: string, length: number): void {
  if (bytes.length < length) throw badFile(path, `it ends within its header of ${length} bytes`);
  if (bytes.toString('latin1', 0, 8) !== magic)
    throw badFile(path, `it does not begin with ${magic}`);
  const version = bytes.readUInt32LE(8);
  if (version === VERSION) return;
  throw new HeddleError(
    'corpus/version',
    `"${path}" is of version ${version}, this @heddle/corpus reads version ${VERSION}. Write the shards anew.`,
    { path, given: version, supported: VERSION },
  );
}

/** `ids` as they stand in a shard. */
export function encodeTokens(ids: ArrayLike<number>, dtype: TokenDType): Uint8Array {
  const tokens = dtype === 'u16' ? Uint16Array.from(ids) : Uint32Array.from(ids);
  return swapped(Buffer.from(tokens.buffer), dtype);
}

/** Tokens of a shard as ids. `bytes` must begin at a multiple of four in its buffer. */
export function decodeTokens(bytes: Buffer, dtype: TokenDType): Int32Array {
  const { buffer, byteOffset, length } = swapped(bytes, dtype);
  return dtype === 'u16'
    ? Int32Array.from(new Uint16Array(buffer, byteOffset, length / 2))
    : new Int32Array(buffer, byteOffset, length / 4);
}

/** Turns the bytes of each token around where the machine is big-endian. */
function swapped(bytes: Buffer, dtype: TokenDType): Buffer {
  if (endianness() === 'LE') return bytes;
  return dtype === 'u16' ? bytes.swap16() : bytes.swap32();
}

export function shardFile(number: number, extension: 'bin' | 'idx'): string {
  return `tokens-${String(number).padStart(5, '0')}.${extension}`;
}
