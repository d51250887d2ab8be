import type { Cut } from '../parts.js';
import { lazily, unpackKinds } from '../unicode/packed-runs.js';
import { SCRIPT_KIND_RUNS } from '../unicode/script-run-table.js';
import { type CuttingPreTokenizer, cutting } from './cut.js';

/** Goes with any script: spaces, and what is not assigned. */
const ANY = 0;

const scripts = /* @__PURE__ */ lazily(() => unpackKinds(SCRIPT_KIND_RUNS));

/**
 * Cuts where the script changes; Han, Hiragana and Katakana are one. What goes with any script and
 * stands at the beginning is left out, as Hugging Face's tokenizers do.
 */
export function unicodeScripts(): CuttingPreTokenizer {
  const kinds = scripts();
  const cut: Cut = (text, start, end, emit) => {
    let from = end;
    let last = ANY;
    for (let at = start; at < end; ) {
      const point = text.codePointAt(at) as number;
      const kind = kinds[point];
      if (kind !== ANY && kind !== last) {
        if (last !== ANY) emit(from, at);
        from = at;
        last = kind;
      }
      at += point > 0xffff && at + 1 < end ? 2 : 1;
    }
    if (from < end) emit(from, end);
  };
  return cutting(cut, () => ({ type: 'UnicodeScripts' }));
}
