import { arrayAt, bad, shown } from '../json-reader.js';
import { PairTable } from './pair-table.js';
import { checkCount } from './read-vocab.js';

/**
 * The merges of a BPE model: `"a b"` or, in newer files, `["a", "b"]`. Three ids for each: the two tokens,
 * and the one that takes their place.
 *
 * @param prefix stands before tokens that do not begin a word, and falls away where one is joined to another
 */
export function mergesAt(
  value: unknown,
  place: string,
  vocab: ReadonlyMap<string, number>,
  prefix: string,
): Int32Array {
  const section = arrayAt(value, place);
  checkCount(section.length, place, 'merges');
  const merges = new Int32Array(section.length * 3);
  const seen = new PairTable(section.length);
  for (let rank = 0; rank < section.length; rank++) {
    const at = (): string => `${place}[${rank}]`;
    const [left, right] = mergeAt(section[rank], at);
    const leftId = knownId(vocab, left, at);
    const rightId = knownId(vocab, right, at);
    const earlier = seen.get(leftId, rightId);
    if (earlier >= 0) throw bad(at(), `is the same as ${place}[${earlier}]`);
    seen.add(leftId, rightId, rank);
    merges[rank * 3] = leftId;
    merges[rank * 3 + 1] = rightId;
    merges[rank * 3 + 2] = knownId(vocab, left + right.slice(prefix.length), at);
  }
  return merges;
}

function knownId(vocab: ReadonlyMap<string, number>, token: string, at: () => string): number {
  const id = vocab.get(token);
  if (id !== undefined) return id;
  throw bad(at(), `${shown(token)} is not in model.vocab`);
}

function mergeAt(value: unknown, at: () => string): readonly [string, string] {
  const parts: unknown = typeof value === 'string' ? value.split(' ') : value;
  if (Array.isArray(parts) && parts.length === 2) {
    const [left, right]: unknown[] = parts;
    if (typeof left === 'string' && typeof right === 'string' && left !== '' && right !== '') {
      return [left, right];
    }
  }
  throw bad(at(), `should be two tokens, is ${shown(value)}`);
}
