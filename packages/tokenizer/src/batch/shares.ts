/** UTF-16 units of a share at least and at most: it should take longer than sending it. */
const LEAST = 1 << 16;
const MOST = 1 << 20;
/** Of what is left each worker gets so many shares. */
const A_WORKER = 4;

/**
 * Texts in shares, one at least, the later the smaller, so that all workers end together: guided self-scheduling
 * (Polychronopoulos and Kuck 1987).
 */
export function shares(texts: readonly string[], workers: number): (readonly string[])[] {
  let left = texts.reduce((sum, { length }) => sum + length, 0);
  const wanted = (): number => Math.min(MOST, Math.max(LEAST, left / (A_WORKER * workers)));
  const done: (readonly string[])[] = [];
  let begin = 0;
  let size = 0;
  let limit = wanted();
  for (const [i, { length }] of texts.entries()) {
    size += length;
    if (size < limit) continue;
    done.push(texts.slice(begin, i + 1));
    left -= size;
    begin = i + 1;
    size = 0;
    limit = wanted();
  }
  if (begin < texts.length || done.length === 0) done.push(texts.slice(begin));
  return done;
}
