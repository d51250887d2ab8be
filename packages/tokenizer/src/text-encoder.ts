import { type SplitByTokens, splitByTokens } from './added-tokens.js';
import { AlignedText } from './aligned-text.js';
import { IdList } from './id-list.js';
import type { AddedToken, Model, Normalizer, PieceEnd, PreTokenizer } from './parts.js';

/** The parts that make ids of a text. */
export interface EncoderParts {
  readonly addedTokens: readonly AddedToken[];
  readonly normalizer: Normalizer | null;
  readonly preTokenizer: PreTokenizer | null;
  readonly model: Model;
  /** A faster way to encode stretches of text without offsets, if there is one for these pieces: `scanInWasm`. */
  readonly accelerate?: (pieceEnd: PieceEnd, model: Model) => EncodeStretch | undefined;
}

/** Appends the ids of `text[start, end)` to `out`. */
export type EncodeStretch = (text: string, start: number, end: number, out: IdList) => void;

/** Appends the ids of a text to `out`, and to `offsets`, if given, where each token lies in it: [start, end) in UTF-16 units. */
export type EncodeText = (
  text: string,
  parseSpecialTokens: boolean,
  out: IdList,
  offsets?: IdList,
) => void;

/** Added tokens first, then the normalizer, the pre-tokenizer, and the model. */
export function textEncoder(parts: EncoderParts): EncodeText {
  const { addedTokens, normalizer } = parts;
  const raw = splitByTokens(addedTokens.filter((token) => !token.normalized));
  const later = addedTokens.filter((token) => token.normalized);
  const normalized = splitByTokens(
    later,
    later.map(({ content }) => normalizedText(normalizer, content)),
  );
  const stretch = stretchEncoder(parts);
  const aligned = alignedEncoder(parts, normalized, stretch);
  return (text, parseSpecialTokens, out, offsets) => {
    raw(
      text,
      0,
      text.length,
      parseSpecialTokens,
      (token, start, end) => {
        out.push(token.id);
        offsets?.push(start);
        offsets?.push(end);
      },
      (start, end) => {
        if (stretch && normalizer === null && !offsets) {
          normalized(
            text,
            start,
            end,
            parseSpecialTokens,
            (token) => out.push(token.id),
            (from, to) => stretch(text, from, to, out),
          );
        } else {
          aligned(AlignedText.of(text, start, end), parseSpecialTokens, out, offsets);
        }
      },
    );
  };
}

function normalizedText(normalizer: Normalizer | null, content: string): string {
  return normalizer === null ? content : normalizer.normalize(AlignedText.of(content)).text;
}

/** Pieces that are stretches of the text need no copies; undefined where they are not. */
function stretchEncoder(parts: EncoderParts): EncodeStretch | undefined {
  const { model, accelerate } = parts;
  const { pieceEnd, cut, addPrefixSpace } = parts.preTokenizer ?? {};
  if (pieceEnd === undefined) {
    if (cut === undefined) return undefined;
    return (text, start, end, out) =>
      cut(text, start, end, (from, to) => model.encodePiece(text, from, to, out));
  }
  const encode = accelerate?.(pieceEnd, model) ?? pieceByPiece(pieceEnd, model);
  if (!addPrefixSpace) return encode;
  return (text, start, end, out) => {
    if (text.charCodeAt(start) === 0x20) encode(text, start, end, out);
    else encode(` ${text.slice(start, end)}`, 0, end - start + 1, out);
  };
}

function pieceByPiece(pieceEnd: PieceEnd, model: Model): EncodeStretch {
  return (text, start, end, out) => {
    for (let at = start; at < end; ) {
      const next = pieceEnd(text, at, end);
      model.encodePiece(text, at, next, out);
      at = next;
    }
  };
}

/** The general way, which knows where everything comes from. */
function alignedEncoder(
  { normalizer, preTokenizer, model }: EncoderParts,
  normalized: SplitByTokens,
  stretch: EncodeStretch | undefined,
): (text: AlignedText, parseSpecialTokens: boolean, out: IdList, offsets?: IdList) => void {
  return (text, parseSpecialTokens, out, offsets) => {
    const spans = offsets && new IdList(64);
    const encodePiece = (piece: AlignedText): void => {
      if (!spans || !offsets) {
        model.encodePiece(piece.text, 0, piece.length, out);
        return;
      }
      spans.length = 0;
      model.encodePiece(piece.text, 0, piece.length, out, spans);
      for (let i = 0; i < spans.length; i += 2) {
        offsets.push(piece.startOf(spans.data[i]));
        offsets.push(piece.endOf(spans.data[i + 1] - 1));
      }
    };
    const source = normalizer === null ? text : normalizer.normalize(text);
    normalized(
      source.text,
      0,
      source.length,
      parseSpecialTokens,
      (token, start, end) => {
        out.push(token.id);
        offsets?.push(source.startOf(start));
        offsets?.push(source.endOf(end - 1));
      },
      (start, end) => {
        if (stretch && offsets === undefined) {
          stretch(source.text, start, end, out);
          return;
        }
        const text = source.slice(start, end);
        if (preTokenizer) preTokenizer.split(text, encodePiece);
        else encodePiece(text);
      },
    );
  };
}
