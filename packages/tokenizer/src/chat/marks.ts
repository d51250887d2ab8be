import { HeddleError } from '@heddle/core';
import type { Range } from './ranges.js';

/**
 * Characters that are put into a text before it is rendered, to know afterwards where its parts came to lie.
 * They stand nowhere in what is rendered.
 */
export interface Marks {
  /** Around control tokens that a user wrote. */
  readonly literal: readonly [begin: string, end: string];
  /** Around what the assistant wrote. */
  readonly generated: readonly [begin: string, end: string];
}

const FIRST_PRIVATE = 0xe000;
const LAST_PRIVATE = 0xf8ff;

/**
 * Marks that stand in none of the texts, neither as they are nor as JSON escapes them.
 *
 * @throws invalid-argument if the texts hold all of the 6,400 characters that may serve
 */
export function marksFor(texts: readonly string[]): Marks {
  const free: string[] = [];
  for (let unit = FIRST_PRIVATE; unit <= LAST_PRIVATE && free.length < 4; unit++) {
    const char = String.fromCharCode(unit);
    const used = texts.some((text) => text.includes(char) || text.includes(escaped(char)));
    if (!used) free.push(char);
  }
  if (free.length < 4) {
    throw new HeddleError(
      'invalid-argument',
      'messages: they hold all private-use characters from U+E000 to U+F8FF, of which four have to be left. Take some out.',
      { argument: 'messages', given: null },
    );
  }
  const [a, b, c, d] = free;
  return { literal: [a, b], generated: [c, d] };
}

/** As `tojson(ensure_ascii=true)` writes it. */
function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16)}`;
}

export interface Unmarked {
  readonly text: string;
  /** Control tokens that a user wrote; of length 0 where a template cut one in two. */
  readonly literal: readonly Range[];
  readonly generated: readonly Range[];
}

/** Takes the marks out of a rendered text. */
export function unmarked(marked: string, { literal, generated }: Marks): Unmarked {
  const marks = [...literal, ...generated];
  const pattern = new RegExp(marks.flatMap((mark) => [mark, `\\${escaped(mark)}`]).join('|'), 'g');
  const found = { literal: [] as Range[], generated: [] as Range[] };
  let text = '';
  let at = 0;
  let literalStart = -1;
  let generatedStart = -1;
  for (const { 0: mark, index } of marked.matchAll(pattern)) {
    const piece = marked.slice(at, index);
    text += piece;
    at = index + mark.length;
    const kind = marks.findIndex((each) => each === mark || escaped(each) === mark);
    if (kind < 2) {
      const whole = kind === 1 && literalStart >= 0;
      found.literal.push([whole ? literalStart : text.length, text.length]);
      literalStart = kind === 0 ? text.length : -1;
    } else if (kind === 2) generatedStart = text.length;
    else if (generatedStart >= 0) {
      found.generated.push([generatedStart, text.length]);
      generatedStart = -1;
    }
  }
  return { text: text + marked.slice(at), ...found };
}
