/** The ids of several texts, one text after the other. */
export interface EncodedTexts {
  readonly ids: Int32Array;
  /** Where each text begins in `ids`, and at last where the last one ends: `ids.subarray(starts[i], starts[i + 1])`. */
  readonly starts: Float64Array;
}

/** The ids of each text as those of all texts. */
export function joinedIds(texts: readonly Int32Array[]): EncodedTexts {
  const starts = new Float64Array(texts.length + 1);
  for (const [i, ids] of texts.entries()) starts[i + 1] = starts[i] + ids.length;
  const all = new Int32Array(starts[texts.length]);
  for (const [i, ids] of texts.entries()) all.set(ids, starts[i]);
  return { ids: all, starts };
}

/** What was encoded in parts, as if it had been encoded at once. */
export function joinedBatches(batches: readonly EncodedTexts[]): EncodedTexts {
  if (batches.length === 1) return batches[0];
  const texts = batches.reduce((sum, { starts }) => sum + starts.length - 1, 0);
  const starts = new Float64Array(texts + 1);
  let at = 0;
  for (const batch of batches) {
    const before = starts[at];
    for (let i = 1; i < batch.starts.length; i++) starts[++at] = before + batch.starts[i];
  }
  const { ids } = joinedIds(batches.map((batch) => batch.ids));
  return { ids, starts };
}
