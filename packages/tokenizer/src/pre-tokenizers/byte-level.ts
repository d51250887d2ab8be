import { prepend } from '../normalizers/prepend.js';
import type { PreTokenizer } from '../parts.js';
import { type CuttingPreTokenizer, cutBy, cutting, whole } from './cut.js';
import { gpt2Pattern } from './gpt2-pattern.js';

export interface ByteLevelOptions {
  /** Puts a space before a text that begins without one. */
  readonly addPrefixSpace: boolean;
  /** Cuts by GPT-2's pattern; otherwise the text is one piece. */
  readonly useRegex?: boolean;
  /** Is kept for the file: the post-processor looks at its own. */
  readonly trimOffsets?: boolean;
}

/** GPT-2's split pattern, then bytes. */
export function byteLevelPreTokenizer(options: ByteLevelOptions): PreTokenizer {
  const { addPrefixSpace, useRegex = true, trimOffsets = true } = options;
  const pieceEnd = useRegex ? gpt2Pattern() : whole;
  const toJSON = (): ReturnType<PreTokenizer['toJSON']> => ({
    type: 'ByteLevel',
    add_prefix_space: addPrefixSpace,
    trim_offsets: trimOffsets,
    use_regex: useRegex,
  });
  const cutter: CuttingPreTokenizer = {
    ...cutting(cutBy(pieceEnd), toJSON, pieceEnd),
    bytes: true,
  };
  if (!addPrefixSpace) return cutter;
  const space = prepend(' ');
  const { split } = cutter;
  return {
    pieceEnd,
    addPrefixSpace,
    bytes: true,
    split: (text, emit) => split(text.text.startsWith(' ') ? text : space.normalize(text), emit),
    toJSON,
  };
}
