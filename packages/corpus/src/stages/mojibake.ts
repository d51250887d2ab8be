/**
 * UTF-8 that was read as Windows-1252 ("â€™" for "’", "Ã©" for "é"), undone. The idea that a
 * mistaken decoding shows by decoding back is that of ftfy (Speer 2019, doi:10.5281/zenodo.2591652).
 */

/** What Windows-1252 has at 0x80-0x9f (WHATWG Encoding standard: the unused five stay controls). */
const HIGH =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

const BYTES: ReadonlyMap<string, number> = new Map([
  ...Array.from(HIGH, (character, i): [string, number] => [character, 0x80 + i]),
  ...Array.from({ length: 0x60 }, (_, i): [string, number] => [
    String.fromCharCode(0xa0 + i),
    0xa0 + i,
  ]),
]);

const RUNS = new RegExp(`[${HIGH}\\u00a0-\\u00ff]{2,}`, 'g');

/** `text` with its mojibake undone, up to three layers of it. Other text is given back unchanged. */
export function repairMojibake(text: string): string {
  for (let layer = 0; layer < 3; layer++) {
    const repaired = text.replace(RUNS, (run: string, at: number) => repairRun(run, text, at));
    if (repaired === text) break;
    text = repaired;
  }
  return text;
}

function repairRun(run: string, text: string, at: number): string {
  const bytes = Uint8Array.from(run, (character) => BYTES.get(character) ?? 0);
  if (!isConvincing(bytes, text, at)) return run;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return run;
  }
}

/**
 * Whether a run is more likely mojibake than text. Two characters that happen to be valid UTF-8 do
 * occur ("CAFÉ»", "MENÜ“"), so a lone two-byte sequence counts only if it would become Latin-1, by
 * far the commonest case, and is not a capital of a word in capitals before a closing quote.
 */
function isConvincing(bytes: Uint8Array, text: string, at: number): boolean {
  if (bytes.length !== 2) return true;
  if (bytes[0] !== 0xc2 && bytes[0] !== 0xc3) return false;
  const closesQuote = '\u00bb\u2019\u201d\u203a\u201c'.includes(text[at + 1]);
  return !(closesQuote && at > 0 && /\p{Lu}/u.test(text[at - 1]));
}
