import { type DocumentStage, documentStage } from '../pipeline.js';
import { wellFormed } from '../sources/decode-text.js';
import { repairMojibake } from './mojibake.js';

/**
 * Repairs and normalises text (`normalizeText`). Drops: `blank`, where nothing is left.
 */
export function normalize(): DocumentStage {
  return documentStage('normalize', () => (document) => {
    const text = normalizeText(document.text);
    return text === '' ? { drop: 'blank' } : { ...document, text };
  });
}

/**
 * `text` in a normal form: terminal escapes removed, mojibake undone, every line end as `\n`,
 * control, zero-width and direction characters removed (joiners stay where scripts and emoji use
 * them), odd spaces as a space, lone surrogates as U+FFFD, Unicode NFC, no space at line ends, at
 * most two blank lines together, none at the ends. Doing it twice changes nothing more.
 */
export function normalizeText(text: string): string {
  let before: string;
  do {
    before = text;
    // The repair needs the controls and spaces that cleaning would take away.
    text = clean(repairMojibake(wellFormed(text).normalize('NFC')));
  } while (text !== before);
  return text;
}

function clean(text: string): string {
  return text
    .replace(ESCAPES, '')
    .replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, '\n')
    .replace(INVISIBLE, '')
    .replace(/(?<![\u0300-\uffff])[\u200c\u200d]|[\u200c\u200d](?![\u0300-\uffff])/g, '')
    .replace(/[\u00a0\u1680\u2000-\u200a\u202f\u205f]/g, ' ')
    .replace(/(?<![ \t])[ \t]+$/gm, '')
    .replace(/\n{4,}/g, '\n\n\n')
    .replace(/^\n+/, '')
    .trimEnd();
}

/** ECMA-48 control sequences (colours) and operating system commands. */
const ESCAPE: string = String.fromCharCode(27);
const ESCAPES = new RegExp(
  `${ESCAPE}(?:\\[[0-?]{0,64}[ -/]{0,8}[@-~]|\\][^\\p{Cc}]{0,512}(?:\\x07|${ESCAPE}\\\\))`,
  'gu',
);

/** Controls but tab and newline, zero-width, soft hyphen, direction marks, non-characters. */
const INVISIBLE =
  /(?![\t\n])\p{Cc}|[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufdd0-\ufdef\ufffe\uffff]/gu;
