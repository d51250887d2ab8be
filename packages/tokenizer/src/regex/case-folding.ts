import { type CodeSet, contains, union } from '../unicode/code-set.js';

/** The set with all that differs from its members in case only; never one character for several ("ß" and "ss"). */
export function foldCase(set: CodeSet): CodeSet {
  const points: number[] = [];
  if (set.length === 0 || set[set.length - 1] <= 0x80) foldAscii(set, points);
  else {
    families ??= readFamilies();
    for (const family of families) {
      const inside = family.filter((point) => contains(set, point)).length;
      if (inside > 0 && inside < family.length) points.push(...family);
    }
  }
  return union(set, ...points.map((point) => [point, point + 1]));
}

function foldAscii(set: CodeSet, points: number[]): void {
  for (let upper = 0x41; upper <= 0x5a; upper++) {
    const lower = upper + 0x20;
    if (!contains(set, upper) && !contains(set, lower)) continue;
    points.push(upper, lower);
    if (lower === 0x6b) points.push(0x212a); // the Kelvin sign
    if (lower === 0x73) points.push(0x17f); // the long s
  }
}

const folded = (text: string): string => text.toUpperCase().toLowerCase();

let families: readonly (readonly number[])[] | undefined;

/** The code points that share a lower case, of several members. */
function readFamilies(): number[][] {
  const byKey = new Map<string, number[]>();
  for (let point = 0; point < 0x1f000; point++) {
    const char = String.fromCodePoint(point);
    // Twice, as ẞ becomes ß, which becomes ss.
    const key = folded(folded(char));
    const known = byKey.get(key);
    if (known) known.push(point);
    else byKey.set(key, [point]);
  }
  return [...byKey.values()].filter((family) => family.length > 1);
}
