import type { EncodeOptions, Encoding } from '@heddle/core';
import type { Padding } from './padding.js';
import { padded, paddedLength } from './padding.js';
import type { LayoutItem } from './parts.js';
import type { Truncation } from './truncation.js';

export interface TextEncodeOptions extends EncodeOptions {
  /** A second text, for models that read two. */
  readonly pair?: string;
  /** Whether offsets count code points, as Hugging Face's library does, instead of UTF-16 units. Default false. */
  readonly codePoints?: boolean;
  /** Also gives typeIds, attentionMask and specialTokensMask. Default false. */
  readonly masks?: boolean;
  /** Default: what the file says; false for none. */
  readonly truncation?: Truncation | false;
  /** Default: what the file says; false for none. */
  readonly padding?: Padding | false;
}

export interface TextEncoding extends Encoding {
  /** Which text a token is of, as the model wants it. */
  readonly typeIds?: Uint8Array;
  /** 0 where padding stands. */
  readonly attentionMask?: Uint8Array;
  /** 1 where a token was added around the texts. */
  readonly specialTokensMask?: Uint8Array;
  /** What truncation cut off, window by window, each finished like the first. */
  readonly overflow?: readonly TextEncoding[];
}

/** Tokens of one text, or a stretch of them. */
export interface Tokens {
  readonly ids: Int32Array;
  readonly offsets: Int32Array | undefined;
}

/** A stretch of tokens. */
export function stretch({ ids, offsets }: Tokens, [start, end]: readonly [number, number]): Tokens {
  if (start === 0 && end === ids.length) return { ids, offsets };
  return { ids: ids.subarray(start, end), offsets: offsets?.subarray(2 * start, 2 * end) };
}

/** Puts texts and special tokens together as a layout says. */
export function laidOut(
  layout: readonly LayoutItem[],
  texts: { readonly first: Tokens; readonly second: Tokens | undefined },
  masks: boolean,
): TextEncoding {
  const parts = layout.map((item) => ({
    tokens: 'text' in item ? texts[item.text] : undefined,
    specialToken: 'text' in item ? undefined : item.specialToken,
    typeId: item.typeId,
  }));
  const only = parts.length === 1 && !masks ? parts[0].tokens : undefined;
  const { offsets: wanted } = texts.first;
  if (only) return { ids: only.ids, ...(only.offsets && { offsets: only.offsets }) };
  const lengths = parts.map(({ tokens, specialToken }) =>
    specialToken === undefined ? (tokens?.ids.length ?? 0) : 1,
  );
  const length = lengths.reduce((a, b) => a + b, 0);
  const ids = new Int32Array(length);
  const offsets = wanted && new Int32Array(2 * length);
  const typeIds = new Uint8Array(length);
  const specialTokensMask = new Uint8Array(length);
  let at = 0;
  for (const [i, { tokens, specialToken, typeId }] of parts.entries()) {
    if (specialToken !== undefined) {
      ids[at] = specialToken;
      specialTokensMask[at] = 1;
    } else if (tokens) {
      ids.set(tokens.ids, at);
      if (tokens.offsets) offsets?.set(tokens.offsets, 2 * at);
    }
    typeIds.fill(typeId, at, at + lengths[i]);
    at += lengths[i];
  }
  const attentionMask = new Uint8Array(length).fill(1);
  return {
    ids,
    ...(offsets && { offsets }),
    ...(masks && { typeIds, attentionMask, specialTokensMask }),
  };
}

/** Fills encodings up to one length, what was cut off with them. */
export function paddedTogether(
  encodings: readonly TextEncoding[],
  padding: Padding,
): TextEncoding[] {
  const longest = encodings.reduce((a, { ids }) => Math.max(a, ids.length), 0);
  const length = paddedLength(longest, padding);
  return encodings.map((encoding) => paddedTo(encoding, length, padding));
}

function paddedTo(encoding: TextEncoding, length: number, padding: Padding): TextEncoding {
  const { padId, padTypeId = 0, direction = 'right' } = padding;
  const { ids, offsets, typeIds, attentionMask, specialTokensMask, overflow } = encoding;
  return {
    ids: padded(ids, length, padId, direction),
    ...(offsets && { offsets: padded(offsets, length, 0, direction, 2) }),
    ...(typeIds && { typeIds: padded(typeIds, length, padTypeId, direction) }),
    ...(attentionMask && { attentionMask: padded(attentionMask, length, 0, direction) }),
    ...(specialTokensMask && {
      specialTokensMask: padded(specialTokensMask, length, 1, direction),
    }),
    ...(overflow && { overflow: overflow.map((window) => paddedTo(window, length, padding)) }),
  };
}
