import { lazily, unpackMembers } from './packed-runs.js';
import { WORD_RUNS } from './word-table.js';

const words = /* @__PURE__ */ lazily(() => unpackMembers(WORD_RUNS));

/** By code point whether it is `\w` as Rust's regular expressions have it: 1 or 0. */
export function wordCharacters(): Uint8Array {
  return words();
}
