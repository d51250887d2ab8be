import type { Json } from '@heddle/core';
import { Merges } from './bpe-merges.js';
import { BYTE_CHARS, writeUtf8 } from './byte-alphabet.js';
import type { IdList } from './id-list.js';
import type { Model } from './parts.js';
import { PieceTable } from './piece-table.js';

/**
 * Byte-level byte-pair encoding (Sennrich et al. 2016; Radford et al. 2019): a piece starts as its
 * UTF-8 bytes, then the merge of the lowest rank is done until none is left.
 *
 * @param vocab tokens with their ids; holds all 256 characters of the byte alphabet
 * @param merges three ids each, in the order of their ranks: the tokens that stand side by side, and
 * the one that takes their place
 */
export function bpeModel(vocab: ReadonlyMap<string, number>, merges: Int32Array): Model {
  const tokens: string[] = [];
  for (const [token, id] of vocab) tokens[id] = token;
  // In the byte alphabet a character is a byte.
  const lengths = new Int32Array(tokens.length);
  for (let id = 0; id < tokens.length; id++) lengths[id] = tokens[id]?.length ?? 0;
  const byteIds = Int32Array.from(BYTE_CHARS, (char) => vocab.get(char) as number);
  const ranked = new Merges(merges, lengths);
  const pieces = new PieceEncoder(byteIds, ranked);
  return {
    vocab,
    encodePiece: (text, start, end, out) => pieces.encode(text, start, end, out),
    toJSON: (): Json => ({
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries([...vocab].sort((a, b) => a[1] - b[1])),
      merges: ranked.toStrings(tokens),
    }),
  };
}

/** Longer pieces seldom come twice. */
const LONGEST_CACHED = 64;
/** When the cache is full it starts anew. */
const MOST_CACHED = 1 << 16;

/** Encodes pieces, and remembers those it has seen. */
class PieceEncoder {
  readonly #byteIds: Int32Array;
  readonly #merges: Merges;
  readonly #seen = new PieceTable();
  /** Of each piece seen: its only id, or -1 and where in `#manyIds` its ids begin, their count first. */
  #onlyId = new Int32Array(1024);
  #manyAt = new Int32Array(1024);
  #manyIds = new Int32Array(8192);
  #manyUsed = 0;
  #bytes = new Uint8Array(LONGEST_CACHED * 3);
  #ids = new Int32Array(LONGEST_CACHED * 3);

  constructor(byteIds: Int32Array, merges: Merges) {
    this.#byteIds = byteIds;
    this.#merges = merges;
  }

  encode(text: string, start: number, end: number, out: IdList): void {
    if (end - start > LONGEST_CACHED) {
      this.#merge(text, start, end, out);
      return;
    }
    const known = this.#seen.size;
    const piece = this.#seen.intern(text, start, end);
    if (piece === known) {
      this.#merge(text, start, end, out, piece);
      return;
    }
    const id = this.#onlyId[piece];
    if (id >= 0) {
      out.push(id);
      return;
    }
    let at = this.#manyAt[piece];
    const count = this.#manyIds[at++];
    out.reserve(count);
    for (let i = 0; i < count; i++) out.data[out.length++] = this.#manyIds[at++];
  }

  #merge(text: string, start: number, end: number, out: IdList, piece = -1): void {
    const most = (end - start) * 3;
    const huge = most > this.#bytes.length;
    const bytes = huge ? new Uint8Array(most) : this.#bytes;
    const length = writeUtf8(text, start, end, bytes);
    const ids = huge ? new Int32Array(length) : this.#ids;
    for (let i = 0; i < length; i++) ids[i] = this.#byteIds[bytes[i]];
    const count = this.#merges.apply(ids, length);
    out.reserve(count);
    for (let i = 0; i < count; i++) out.data[out.length++] = ids[i];
    if (piece >= 0) this.#remember(piece, ids, count);
  }

  #remember(piece: number, ids: Int32Array, count: number): void {
    if (piece === MOST_CACHED) {
      this.#seen.clear();
      this.#manyUsed = 0;
      return;
    }
    if (piece === this.#onlyId.length) {
      this.#onlyId = doubled(this.#onlyId);
      this.#manyAt = doubled(this.#manyAt);
    }
    if (count === 1) {
      this.#onlyId[piece] = ids[0];
      return;
    }
    while (this.#manyUsed + count + 1 > this.#manyIds.length)
      this.#manyIds = doubled(this.#manyIds);
    this.#onlyId[piece] = -1;
    this.#manyAt[piece] = this.#manyUsed;
    this.#manyIds[this.#manyUsed++] = count;
    for (let i = 0; i < count; i++) this.#manyIds[this.#manyUsed++] = ids[i];
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(array.length * 2);
  grown.set(array);
  return grown;
}
