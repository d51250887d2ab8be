import type { AlignedText } from '../aligned-text.js';
import type { Normalizer } from '../parts.js';
import { ACCENT_RUNS } from '../unicode/accent-table.js';
import { CONTROL_RUNS } from '../unicode/control-table.js';
import { lazily, unpackMembers } from '../unicode/packed-runs.js';
import { isSpace } from '../unicode/white-space.js';
import { isAscii } from './changes.js';
import { eachCharacter } from './each-character.js';
import { toLowercase } from './lowercase.js';
import { toUnicodeForm } from './unicode-form.js';

export interface BertNormalizerOptions {
  /** Takes control characters away; all white space becomes spaces. */
  readonly cleanText: boolean;
  /** Puts spaces around Chinese characters. */
  readonly handleChineseChars: boolean;
  /** Takes accents away; null: if it makes lower case. */
  readonly stripAccents: boolean | null;
  readonly lowercase: boolean;
}

/**
 * What BERT does to a text before it is cut.
 *
 * Source: `tokenization.py` of google-research/bert, as Hugging Face's tokenizers have it.
 */
export function bertNormalizer(options: BertNormalizerOptions): Normalizer {
  const { cleanText, handleChineseChars, stripAccents, lowercase } = options;
  return {
    normalize(text) {
      let changed = text;
      if (cleanText) changed = clean(changed);
      if (handleChineseChars) changed = spaceChinese(changed);
      if (stripAccents ?? lowercase) changed = withoutAccents(changed);
      return lowercase ? toLowercase(changed) : changed;
    },
    toJSON: () => ({
      type: 'BertNormalizer',
      clean_text: cleanText,
      handle_chinese_chars: handleChineseChars,
      strip_accents: stripAccents,
      lowercase,
    }),
  };
}

const controls = /* @__PURE__ */ lazily(() => unpackMembers(CONTROL_RUNS));
const accents = /* @__PURE__ */ lazily(() => unpackMembers(ACCENT_RUNS));

function clean(text: AlignedText): AlignedText {
  if (/^[\t\n\r -~]*$/.test(text.text)) return text.withText(text.text.replace(/[\t\n\r]/g, ' '));
  const isControl = controls();
  return eachCharacter(text, (point) => {
    if (isControl[point]) return '';
    return isSpace(point) && point !== 0x20 ? ' ' : undefined;
  });
}

function spaceChinese(text: AlignedText): AlignedText {
  if (isAscii(text.text)) return text;
  return eachCharacter(text, (point) =>
    isChinese(point) ? ` ${String.fromCodePoint(point)} ` : undefined,
  );
}

function isChinese(point: number): boolean {
  if (point < 0x3400) return false;
  return (
    point <= 0x4dbf ||
    (point >= 0x4e00 && point <= 0x9fff) ||
    (point >= 0xf900 && point <= 0xfaff) ||
    (point >= 0x20000 && point <= 0x2a6df) ||
    (point >= 0x2a700 && point <= 0x2b81f) ||
    (point >= 0x2b920 && point <= 0x2ceaf) ||
    (point >= 0x2f800 && point <= 0x2fa1f)
  );
}

function withoutAccents(text: AlignedText): AlignedText {
  if (isAscii(text.text)) return text;
  const isAccent = accents();
  return eachCharacter(toUnicodeForm(text, 'NFD'), (point) => (isAccent[point] ? '' : undefined));
}
