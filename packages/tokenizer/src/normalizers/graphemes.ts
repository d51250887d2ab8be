import { GRAPHEME_RUNS } from '../unicode/grapheme-table.js';
import { lazily, unpackKinds } from '../unicode/packed-runs.js';

const EXTENDS = 1;
const BEFORE = 2;
const CONTROL = 3;

const graphemeKinds = /* @__PURE__ */ lazily(() => unpackKinds(GRAPHEME_RUNS));

/**
 * The end of the grapheme at `start`: a character and the marks that extend it. Those of Hangul syllables, of flags and of
 * joined emoji end too early: with six bytes and more, `Precompiled` reads them character by character.
 *
 * Source: UAX #29.
 */
export function graphemeEnd(text: string, start: number): number {
  const kinds = graphemeKinds();
  if (isPlain(kinds, text.charCodeAt(start))) {
    const next = start + 1 < text.length ? text.charCodeAt(start + 1) : 0;
    if ((next & 0xf800) !== 0xd800 && kinds[next] !== EXTENDS) return start + 1;
  }
  const pointAt = (at: number): number => text.codePointAt(at) ?? -1;
  const after = (at: number): number => at + (pointAt(at) > 0xffff ? 2 : 1);
  if (pointAt(start) === 0x0d && pointAt(start + 1) === 0x0a) return start + 2;
  let last = start;
  while (kinds[pointAt(last)] === BEFORE && after(last) < text.length) {
    if (kinds[pointAt(after(last))] === CONTROL) break;
    last = after(last);
  }
  let end = after(last);
  if (kinds[pointAt(last)] === CONTROL) return end;
  while (end < text.length && kinds[pointAt(end)] === EXTENDS) end = after(end);
  return end;
}

/** Whether a unit is a character that nothing but marks can belong to. */
function isPlain(kinds: Uint8Array, unit: number): boolean {
  return kinds[unit] === 0 && (unit & 0xf800) !== 0xd800;
}
