import type { PieceEnd } from '../parts.js';
import { compile } from './compiler.js';
import { LiteralMatcher, literalsOf } from './literal-matcher.js';
import type { MatchFinder } from './match-finder.js';
import { Matcher } from './matcher.js';
import type { Dialect } from './syntax.js';

/** A regular expression of a tokenizer file. */
export interface Regex {
  /** Calls `found` with [start, end) of each match in `text[from, to)`, which is all that there is for it. */
  matches(
    text: string,
    from: number,
    to: number,
    found: (start: number, end: number) => void,
  ): void;
  /** The end of a match, or of what is before the next; where matches have a length and look at nothing before them. */
  readonly pieceEnd?: PieceEnd;
}

/**
 * Compiles a regular expression as Oniguruma reads it, or in `dialect`, without captures and back references. The
 * time of a search is linear in the text, whatever the pattern.
 *
 * @param place where the pattern stands in a file, for errors
 */
export function compileRegex(
  pattern: string,
  place: string,
  dialect: Dialect = 'oniguruma',
): Regex {
  const literals = literalsOf(pattern);
  if (literals) {
    const finder = (): MatchFinder => new LiteralMatcher(literals);
    return { matches: matchesOf(finder()), pieceEnd: pieceFinder(finder()) };
  }
  const program = compile(pattern, place, dialect);
  const { looksBack, empty } = program;
  return {
    matches: matchesOf(new Matcher(program)),
    ...(!looksBack && !empty && { pieceEnd: pieceFinder(new Matcher(program)) }),
  };
}

function matchesOf(finder: MatchFinder): Regex['matches'] {
  return (text, from, to, found) => {
    finder.begin(text, from, to);
    let lastEnd = -1;
    for (let at = from; at <= to; ) {
      const end = finder.matchAt(at);
      // No empty match stands where a match ended.
      if (end < 0 || (end === at && at === lastEnd)) {
        at += lengthAt(text, at, to);
        continue;
      }
      finder.matched(end);
      lastEnd = end;
      found(at, end);
      at = end;
    }
  };
}

/** Finds pieces one by one; what it knows of a text it keeps as long as the pieces follow each other. */
function pieceFinder(finder: MatchFinder): PieceEnd {
  let lastText = '';
  let lastTo = -1;
  let lastEnd = -1;
  let matchEnd = -1;
  return (text, start, to) => {
    const goesOn = start === lastEnd && to === lastTo && text === lastText;
    if (!goesOn) {
      finder.begin(text, start, to);
      lastText = text;
      lastTo = to;
      matchEnd = -1;
    }
    if (matchEnd >= 0) {
      // The piece before was a gap, and this is the match that ended it.
      lastEnd = matchEnd;
      matchEnd = -1;
      return lastEnd;
    }
    let at = start;
    for (; at < to; at += lengthAt(text, at, to)) {
      const end = finder.matchAt(at);
      if (end < 0) continue;
      finder.matched(end);
      if (at === start) at = end;
      else matchEnd = end;
      break;
    }
    lastEnd = at;
    return at;
  };
}

function lengthAt(text: string, at: number, to: number): number {
  return at + 1 < to && (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
}
