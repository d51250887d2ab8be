import type { Json } from '@heddle/core';
import type { Marks } from './marks.js';
import type { SpecialRanges } from './special-ranges.js';

/** Puts marks around the special tokens in all strings of a value, keys left out. */
export function markedInput(value: Json, find: SpecialRanges, { literal }: Marks): Json {
  const [begin, end] = literal;
  const mark = (text: string): string => {
    let done = '';
    let at = 0;
    for (const [from, to] of find(text)) {
      done += text.slice(at, from) + begin + text.slice(from, to) + end;
      at = to;
    }
    return done + text.slice(at);
  };
  const walk = (part: Json): Json => {
    if (typeof part === 'string') return mark(part);
    if (typeof part !== 'object' || part === null) return part;
    if (Array.isArray(part)) return part.map(walk);
    return Object.fromEntries(Object.entries(part).map(([key, held]) => [key, walk(held)]));
  };
  return walk(value);
}

/** All strings of a value, keys too. */
export function stringsOf(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(stringsOf);
  return Object.entries(value).flatMap(([key, held]) => [key, ...stringsOf(held)]);
}
