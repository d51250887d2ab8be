import { HeddleError, type Json } from '@heddle/core';
import { objectAt, onlyKeys, unsupported, wholeAt } from './json-reader.js';

/** How long an encoding may become, special tokens included, and which of its texts gives way. */
export interface Truncation {
  readonly maxLength: number;
  /** Default 'longest-first': of a pair both, until they fit. */
  readonly strategy?: 'longest-first' | 'only-first' | 'only-second';
  /** Tokens that a window of what was cut off shares with the one before it. Default 0. */
  readonly stride?: number;
  /** Which end is cut off. Default 'right'. */
  readonly direction?: 'right' | 'left';
}

/** @throws invalid-argument */
export function checkTruncation({ maxLength, stride = 0 }: Truncation): void {
  for (const [argument, given] of Object.entries({ maxLength, stride })) {
    if (Number.isSafeInteger(given) && given >= 0) continue;
    throw new HeddleError(
      'invalid-argument',
      `encode: truncation.${argument} should be a whole number from 0 on, is ${given}.`,
      { argument, given },
    );
  }
}

/** Stretches of tokens, the kept one first, then those that were cut off. */
export type Windows = readonly (readonly [number, number])[];

/** How many tokens of each text may stay, of `lengths` tokens in `room`; as Hugging Face's `truncate_encodings`. */
export function keptLengths(
  [first, second]: readonly [number, number | undefined],
  room: number,
  { strategy = 'longest-first', maxLength }: Truncation,
): [number, number] {
  const total = first + (second ?? 0);
  if (total <= room) return [first, second ?? 0];
  if (strategy === 'longest-first') {
    if (second === undefined) return [room, 0];
    let [short, long] = [Math.min(first, second), Math.max(first, second)];
    long = short > room ? short : Math.max(short, room - short);
    if (short + long > room) {
      short = Math.floor(room / 2);
      long = short + (room % 2);
    }
    return first > second ? [long, short] : [short, long];
  }
  const onFirst = strategy === 'only-first';
  const target = onFirst ? first : second;
  if (target === undefined || target <= total - room) {
    throw new HeddleError(
      'invalid-argument',
      `encode: ${total} tokens do not fit into ${maxLength} when ${strategy.replace('only-', 'only the ')} text is cut. ` +
        "Take a larger maxLength, or the strategy 'longest-first'.",
      { argument: 'truncation', given: maxLength },
    );
  }
  const kept = target - (total - room);
  return onFirst ? [kept, second ?? 0] : [first, kept];
}

/** Windows of at most `kept` of `length` tokens, each sharing `stride` with the one before it. */
export function windowsOf(
  length: number,
  kept: number,
  { stride = 0, direction = 'right' }: Truncation,
): Windows {
  if (kept >= length) return [[0, length]];
  if (kept === 0)
    return [
      [0, 0],
      [0, length],
    ];
  if (stride >= kept) {
    throw new HeddleError(
      'invalid-argument',
      `encode: a stride of ${stride} leaves nothing new in windows of ${kept} tokens. Take a smaller one.`,
      { argument: 'stride', given: stride },
    );
  }
  const windows: [number, number][] = [];
  for (let done = 0; ; done += kept - stride) {
    const end = Math.min(done + kept, length);
    windows.push(direction === 'right' ? [done, end] : [length - end, length - done]);
    if (end === length) return windows;
  }
}

/** The section `truncation` of a `tokenizer.json`. */
export function truncationAt(value: unknown, place: string): Required<Truncation> {
  const section = objectAt(value, place);
  onlyKeys(section, ['direction', 'max_length', 'strategy', 'stride'], place);
  const strategies = new Map<unknown, Required<Truncation>['strategy']>([
    ['LongestFirst', 'longest-first'],
    ['OnlyFirst', 'only-first'],
    ['OnlySecond', 'only-second'],
  ]);
  const strategy = strategies.get(section.strategy ?? 'LongestFirst');
  if (!strategy)
    throw unsupported(`${place}.strategy`, section.strategy, [...strategies.keys()].join(', '));
  return {
    maxLength: wholeAt(section.max_length, `${place}.max_length`),
    strategy,
    stride: wholeAt(section.stride ?? 0, `${place}.stride`),
    direction: directionAt(section.direction, `${place}.direction`),
  };
}

export function truncationJson({
  maxLength,
  strategy,
  stride,
  direction,
}: Required<Truncation>): Json {
  const names = {
    'longest-first': 'LongestFirst',
    'only-first': 'OnlyFirst',
    'only-second': 'OnlySecond',
  };
  return {
    direction: direction === 'right' ? 'Right' : 'Left',
    max_length: maxLength,
    strategy: names[strategy],
    stride,
  };
}

export function directionAt(value: unknown, place: string): 'right' | 'left' {
  if (value === undefined || value === 'Right') return 'right';
  if (value === 'Left') return 'left';
  throw unsupported(place, value, '"Right", "Left"');
}
