import type { Json } from '@heddle/core';
import { bad, objectAt, onlyKeys, stringAt } from '../json-reader.js';
import { compileRegex, type Regex } from './regex.js';

/** What `Split` and `Replace` look for: a string as it stands, or a regular expression. */
export interface Pattern {
  /** As it stands in a `tokenizer.json`. */
  readonly json: Json;
  /** The regular expression, as it stands and compiled. */
  readonly source?: string;
  readonly regex?: Regex;
  /** Calls `found` with [start, end) of each match in `text[from, to)`. */
  matches: Regex['matches'];
  /** The matches in a text. */
  find(text: string): readonly (readonly [start: number, end: number])[];
}

/** Reads `{ "String": … }` or `{ "Regex": … }`. */
export function patternAt(value: unknown, place: string): Pattern {
  const pattern = objectAt(value, place);
  onlyKeys(pattern, ['String', 'Regex'], place);
  if (Object.keys(pattern).length !== 1) throw bad(place, 'should have one key, String or Regex');
  return pattern.Regex === undefined
    ? stringPattern(stringAt(pattern.String, `${place}.String`))
    : regexPattern(stringAt(pattern.Regex, `${place}.Regex`), `${place}.Regex`);
}

/** Looks for a string as it stands. */
export function stringPattern(string: string): Pattern {
  // An empty one matches everywhere, as an empty regular expression does.
  const matches = string === '' ? compileRegex('', 'pattern').matches : stringMatches(string);
  return { json: { String: string }, matches, find: (text) => all(matches, text) };
}

/** Looks for a regular expression in Oniguruma's dialect; `place` is where it stands, for errors. */
export function regexPattern(source: string, place = 'pattern'): Pattern {
  const regex = compileRegex(source, place);
  const { matches } = regex;
  return { json: { Regex: source }, source, regex, matches, find: (text) => all(matches, text) };
}

function all(matches: Regex['matches'], text: string): [number, number][] {
  const found: [number, number][] = [];
  matches(text, 0, text.length, (start, end) => found.push([start, end]));
  return found;
}

function stringMatches(string: string): Regex['matches'] {
  return (text, from, to, found) => {
    for (let at = text.indexOf(string, from); at >= 0; at = text.indexOf(string, at)) {
      const end = at + string.length;
      if (end > to) return;
      found(at, end);
      at = end;
    }
  };
}
