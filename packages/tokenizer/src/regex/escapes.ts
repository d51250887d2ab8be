import { type CodeSet, complement, rangeSet } from '../unicode/code-set.js';
import type { PatternReader } from './pattern-reader.js';
import { onigurumaWordSet, propertySet, rustWordSet, spaceSet } from './properties.js';
import type { Dialect } from './syntax.js';

const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['t', 0x09],
  ['n', 0x0a],
  ['v', 0x0b],
  ['f', 0x0c],
  ['r', 0x0d],
  ['a', 0x07],
  ['e', 0x1b],
]);

/** What a backslash and what follows it stand for; the backslash is taken. */
export function readEscape(reader: PatternReader, inClass: boolean): CodeSet {
  const char = reader.take();
  const control = CONTROLS.get(char);
  if (control !== undefined) return rangeSet(control, control);
  switch (char) {
    case 's':
      return spaceSet();
    case 'S':
      return complement(spaceSet());
    case 'd':
      return propertySet('Nd') as CodeSet;
    case 'D':
      return complement(propertySet('Nd') as CodeSet);
    case 'w':
      return wordSet(reader.dialect, inClass);
    case 'W':
      return complement(wordSet(reader.dialect, inClass));
    case 'p':
    case 'P':
      return readProperty(reader, char === 'P');
    case 'h':
    case 'H':
      if (reader.dialect === 'oniguruma') return char === 'h' ? HEX_DIGITS : complement(HEX_DIGITS);
      break;
    case 'x':
    case 'u':
    case 'U': {
      const point = readPoint(reader, char);
      return rangeSet(point, point);
    }
  }
  if (/[\p{L}\p{N}]/u.test(char)) throw reader.unsupported(`\\${char}`);
  const point = char.codePointAt(0) as number;
  return rangeSet(point, point);
}

/** 0-9, A-F, a-f */
const HEX_DIGITS: CodeSet = [0x30, 0x3a, 0x41, 0x47, 0x61, 0x67];

export function wordSet(dialect: Dialect, inClass: boolean): CodeSet {
  return dialect === 'rust' ? rustWordSet() : onigurumaWordSet(inClass);
}

/** `{L}`, `{^L}`, `{Script=Han}`, and in Rust's dialect the single letter `L`. */
function readProperty(reader: PatternReader, negated: boolean): CodeSet {
  const found = reader.match(
    reader.dialect === 'rust' ? /\{(\^?)([^{}]*)\}|()([A-Z])/uy : /\{(\^?)([^{}]*)\}/uy,
  );
  if (!found) throw reader.unsupported('\\p without braces');
  const name = found[2] ?? found[4];
  const set = propertySet(name.replace(/^(?:script|sc|general_?category|gc)\s*=\s*/iu, ''));
  if (!set) throw reader.unsupported(`\\p{${name}}`);
  return negated !== (found[1] === '^') ? complement(set) : set;
}

/** The digits of \x41, \x{1F600}, \u0041, \U0001F600. */
function readPoint(reader: PatternReader, char: string): number {
  const digits = reader.match(
    char === 'x'
      ? /\{([\da-fA-F]+)\}|([\da-fA-F]{2})/uy
      : char === 'u'
        ? /\{([\da-fA-F]+)\}|([\da-fA-F]{4})/uy
        : /()([\da-fA-F]{8})/uy,
  );
  const point = digits ? Number.parseInt(digits[1] || digits[2], 16) : -1;
  if (point < 0 || point > 0x10ffff) throw reader.wrong(`has no code point after \\${char}`);
  return point;
}
