/** UTF-16 units of a share at least and at most: it should take longer than sending it, and all workers end together. */
const LEAST = 1 << 16;
const MOST = 1 << 20;

/** Texts in shares of about equal size, several for each worker; one at least. */
export function shares(texts: readonly string[], workers: number): (readonly string[])[] {
  const units = texts.reduce((sum, { length }) => sum + length, 0);
  const wanted = Math.min(MOST, Math.max(LEAST, units / (8 * workers)));
  const done: (readonly string[])[] = [];
  let begin = 0;
  let size = 0;
  for (const [i, { length }] of texts.entries()) {
    size += length;
    if (size < wanted) continue;
    done.push(texts.slice(begin, i + 1));
    begin = i + 1;
    size = 0;
  }
  if (begin < texts.length || done.length === 0) done.push(texts.slice(begin));
  return done;
}
