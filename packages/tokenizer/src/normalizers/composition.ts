import type { Changes } from './changes.js';
import { combiningClass, isDecomposed } from './decomposition.js';

/** Joins characters with the marks that follow them, where Unicode has one character for both. */
export function compose({ chars, changes }: Changes): Changes {
  const composed: Changes = { chars: [], changes: [] };
  /** Where the character that others may join stands; -1: there is none. */
  let starter = -1;
  /** The class of the last mark that stayed after it; -1: there is none. */
  let lastClass = -1;
  for (let i = 0; i < chars.length; i++) {
    const kind = combiningClass(chars[i]);
    if (starter >= 0 && (lastClass < 0 || lastClass < kind)) {
      const whole = composePair(composed.chars[starter], chars[i]);
      if (whole !== undefined) {
        composed.chars[starter] = whole;
        composed.changes[starter] += changes[i] - 1;
        continue;
      }
    }
    if (kind === 0) {
      starter = composed.chars.length;
      lastClass = -1;
    } else lastClass = kind;
    composed.chars.push(chars[i]);
    composed.changes.push(changes[i]);
  }
  return composed;
}

const pairs = new Map<string, string | undefined>();
const MOST_PAIRS = 1 << 14;

/** The one character for two, if there is one. */
function composePair(first: string, second: string): string | undefined {
  const pair = first + second;
  if (pairs.has(pair)) return pairs.get(pair);
  const composed = pair.normalize('NFC');
  const one = composed.length === ((composed.codePointAt(0) as number) > 0xffff ? 2 : 1);
  const known = one && isDecomposed(composed) ? composed : undefined;
  if (pairs.size === MOST_PAIRS) pairs.clear();
  pairs.set(pair, known);
  return known;
}
