import type { Cut } from '../parts.js';

/** What becomes of delimiters, on the example of `-` in `the-final--countdown`. */
export type DelimiterBehavior =
  /** `the`, `final`, `countdown` */
  | 'Removed'
  /** `the`, `-`, `final`, `-`, `-`, `countdown` */
  | 'Isolated'
  /** `the-`, `final-`, `-`, `countdown` */
  | 'MergedWithPrevious'
  /** `the`, `-final`, `-`, `-countdown` */
  | 'MergedWithNext'
  /** `the`, `-`, `final`, `--`, `countdown` */
  | 'Contiguous';

export const DELIMITER_BEHAVIORS: readonly DelimiterBehavior[] = [
  'Removed',
  'Isolated',
  'MergedWithPrevious',
  'MergedWithNext',
  'Contiguous',
];

/** Takes stretches, delimiters or not, that follow each other; `flush` comes after the last. */
interface Collector {
  add(start: number, end: number, delimiter: boolean): void;
  flush(): void;
}

/**
 * Cuts at what `matches` finds, in the way of `behavior`; with `invert` at what is between the matches.
 *
 * Source: `NormalizedString::split` of Hugging Face's tokenizers.
 */
export function cutAtDelimiters(matches: Cut, behavior: DelimiterBehavior, invert: boolean): Cut {
  return (text, start, end, emit) => {
    const collector = collect(behavior, (from, to) => {
      if (from < to) emit(from, to);
    });
    let last = start;
    matches(text, start, end, (from, to) => {
      if (last < from) collector.add(last, from, invert);
      collector.add(from, to, !invert);
      last = to;
    });
    if (last < end) collector.add(last, end, invert);
    collector.flush();
  };
}

function collect(
  behavior: DelimiterBehavior,
  emit: (start: number, end: number) => void,
): Collector {
  const nothing = (): void => undefined;
  switch (behavior) {
    case 'Removed':
      return { add: (start, end, delimiter) => delimiter || emit(start, end), flush: nothing };
    case 'Isolated':
      return { add: emit, flush: nothing };
    default:
      return new Merger(behavior, emit);
  }
}

/** Merges stretches with the one before. */
class Merger implements Collector {
  readonly #behavior: DelimiterBehavior;
  readonly #emit: (start: number, end: number) => void;
  #start = -1;
  #end = -1;
  #delimiter = false;
  /** The piece begins with a delimiter which is not merged yet. */
  #open = false;

  constructor(behavior: DelimiterBehavior, emit: (start: number, end: number) => void) {
    this.#behavior = behavior;
    this.#emit = emit;
  }

  add(start: number, end: number, delimiter: boolean): void {
    const merge = this.#start >= 0 && this.#merges(delimiter);
    if (!merge) {
      this.flush();
      this.#start = start;
    }
    this.#open = delimiter;
    this.#end = end;
    this.#delimiter = delimiter;
  }

  flush(): void {
    if (this.#start >= 0) this.#emit(this.#start, this.#end);
    this.#start = -1;
  }

  #merges(delimiter: boolean): boolean {
    if (this.#behavior === 'Contiguous') return delimiter === this.#delimiter;
    if (this.#behavior === 'MergedWithPrevious') return delimiter && !this.#delimiter;
    return !delimiter && this.#open;
  }
}

/** Finds the characters for which `holds(code point)`, one by one. */
export function characters(holds: (point: number) => boolean): Cut {
  return (text, start, end, emit) => {
    for (let at = start; at < end; ) {
      const point = text.codePointAt(at) as number;
      const next = at + (point > 0xffff && at + 1 < end ? 2 : 1);
      if (holds(point)) emit(at, next);
      at = next;
    }
  };
}
