import { IdList } from '../id-list.js';
import { modelAt } from '../models/read.js';
import { notWritable, type TokenizerSections } from './tokenizer-sections.js';

/**
 * Refuses `ignore_merges` that is not what the format means, unless it makes no difference: the merges alone make
 * every token of the text that it stands for.
 *
 * @param texts tokens and the texts they stand for, of all that a piece may be as a whole
 */
export function checkWholeTokens(
  sections: TokenizerSections,
  ignoreMerges: boolean,
  texts: Iterable<readonly [token: string, text: string]>,
  bytes: boolean,
): void {
  if (sections.model.ignore_merges === ignoreMerges) return;
  const merging = modelAt({ ...sections.model, ignore_merges: false }, 'model', { bytes });
  for (const [token, text] of texts) {
    const ids = new IdList(text.length);
    merging.encodePiece(text, 0, text.length, ids);
    if (ids.length === 1 && ids.data[0] === merging.vocab.get(token)) continue;
    throw notWritable(
      sections.format,
      'model.ignore_merges',
      `it is ${sections.model.ignore_merges}, and the merges do not make the token ${JSON.stringify(token)}`,
    );
  }
}
