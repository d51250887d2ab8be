import type { PostProcessor } from '../parts.js';
import { plainLayout } from './layout.js';

export interface TrimOptions {
  /** Whether spaces at both ends of a token are left out of its offsets. */
  readonly trimOffsets: boolean;
  /** Whether a space was put before the text. */
  readonly addPrefixSpace: boolean;
}

/** Byte-level tokens begin with the space before a word: leaves it out of the offsets. */
export function byteLevelPostProcessor(
  options: TrimOptions & { useRegex: boolean },
): PostProcessor {
  return {
    layout: plainLayout,
    ...(options.trimOffsets && { adjustOffsets: trimmer(options) }),
    toJSON: () => ({
      type: 'ByteLevel',
      add_prefix_space: options.addPrefixSpace,
      trim_offsets: options.trimOffsets,
      use_regex: options.useRegex,
    }),
  };
}

/** Takes the spaces of byte-level tokens out of their offsets. */
export function trimmer({
  addPrefixSpace,
}: TrimOptions): NonNullable<PostProcessor['adjustOffsets']> {
  return (ids, offsets, tokenOf) => {
    for (let i = 0; i < ids.length; i++) {
      const token = tokenOf(ids[i]);
      const length = [...token].length;
      let leading = [...(/^[Ġ\p{White_Space}]+/u.exec(token)?.[0] ?? '')].length;
      const trailing = [...(/[Ġ\p{White_Space}]+$/u.exec(token)?.[0] ?? '')].length;
      const start = offsets[2 * i];
      const end = offsets[2 * i + 1];
      // A single space before the first token is the one that was put there, and not in the text.
      if (leading === 1 && addPrefixSpace && (i === 0 || start === 0)) leading = 0;
      offsets[2 * i] = Math.min(start + leading, end);
      const kept = trailing === length ? 0 : end - trailing;
      offsets[2 * i + 1] = Math.max(kept, offsets[2 * i]);
    }
  };
}
