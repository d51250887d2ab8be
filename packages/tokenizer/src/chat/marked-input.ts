import { HeddleError, type Json } from '@heddle/core';
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

/** Values in values are read so deep. */
const DEEPEST = 500;

/**
 * All strings of a value, keys too.
 *
 * @throws invalid-argument for values in values without end, which would overflow the stack
 */
export function stringsOf(value: Json, depth = 0): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  if (depth > DEEPEST) throw tooDeep();
  if (Array.isArray(value)) return value.flatMap((held) => stringsOf(held, depth + 1));
  return Object.entries(value).flatMap(([key, held]) => [key, ...stringsOf(held, depth + 1)]);
}

function tooDeep(): HeddleError<'invalid-argument'> {
  return new HeddleError(
    'invalid-argument',
    `chat template: messages, tools, documents and variables hold values in values of more than ${DEEPEST} levels. Take flatter ones.`,
    { argument: 'messages', given: null },
  );
}
