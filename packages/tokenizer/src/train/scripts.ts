import { unpackNumbers } from '../unicode/packed-runs.js';
import { SCRIPT_NAMES, SCRIPT_RUNS } from '../unicode/script-table.js';

/** What stands for a space at the beginning of a word: it goes with every script. */
const SPACE_MARK = 0x2581;
/** The long vowel sign of Katakana, which is of no script. */
const LONG_VOWEL = 0x30fc;

/** The script of every code point as a number. Japanese is one script, as in sentencepiece: kana count as Han. */
function scriptTable(): Uint8Array {
  const names = SCRIPT_NAMES.split(' ').map((name) => name.split('=')[0]);
  const han = names.indexOf('Hani');
  const kana = new Set([names.indexOf('Hira'), names.indexOf('Kana')]);
  const table = new Uint8Array(0x110000);
  const runs = unpackNumbers(SCRIPT_RUNS);
  let point = 0;
  for (let i = 0; i < runs.length; i += 2) {
    const script = kana.has(runs[i + 1]) ? han : runs[i + 1];
    table.fill(script, point, point + runs[i]);
    point += runs[i];
  }
  table[LONG_VOWEL] = han;
  return table;
}

/** By number of a character: its script; -1 where it goes with every one. */
export function scriptsOf(characters: readonly string[]): Int16Array {
  const table = scriptTable();
  return Int16Array.from(characters, (char) => {
    const point = char.codePointAt(0) as number;
    return point === SPACE_MARK ? -1 : table[point];
  });
}

/** Whether the characters `text[start, end)` are all of one script. */
export function isOneScript(
  text: Int32Array,
  start: number,
  end: number,
  scripts: Int16Array,
): boolean {
  let script = -1;
  for (let at = start; at < end; at++) {
    const own = scripts[text[at]];
    if (own === -1) continue;
    if (script !== -1 && own !== script) return false;
    script = own;
  }
  return true;
}
