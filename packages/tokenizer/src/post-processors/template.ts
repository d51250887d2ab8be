import type { LayoutItem, PostProcessor } from '../parts.js';

/** A place of a template: a text, or a special token by its name. */
export type TemplatePiece =
  | { readonly sequence: 'A' | 'B'; readonly typeId: number }
  | { readonly specialToken: string; readonly typeId: number };

/** What a special token of a template stands for: usually one token. */
export interface TemplateToken {
  readonly name: string;
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
}

/** Special tokens and texts in the order of a template. */
export function templatePostProcessor(
  single: readonly TemplatePiece[],
  pair: readonly TemplatePiece[],
  specialTokens: readonly TemplateToken[],
): PostProcessor {
  const byName = new Map(specialTokens.map((token) => [token.name, token]));
  const layouts = [single, pair].map((pieces) =>
    pieces.flatMap((piece): LayoutItem[] => {
      const { typeId } = piece;
      if ('sequence' in piece)
        return [{ text: piece.sequence === 'A' ? 'first' : 'second', typeId }];
      return (byName.get(piece.specialToken)?.ids ?? []).map((id) => ({
        specialToken: id,
        typeId,
      }));
    }),
  );
  return {
    layout: (isPair) => layouts[isPair ? 1 : 0],
    toJSON: () => ({
      type: 'TemplateProcessing',
      single: single.map(pieceJson),
      pair: pair.map(pieceJson),
      special_tokens: Object.fromEntries(
        specialTokens.map(({ name, ids, tokens }) => [name, { id: name, ids, tokens }]),
      ),
    }),
  };
}

function pieceJson(piece: TemplatePiece): { [kind: string]: { id: string; type_id: number } } {
  return 'sequence' in piece
    ? { Sequence: { id: piece.sequence, type_id: piece.typeId } }
    : { SpecialToken: { id: piece.specialToken, type_id: piece.typeId } };
}
