import { PbfWriter } from 'pbf';
import type { Piece } from './sentencepiece-content.js';
import { MODEL, NORMALIZER, PIECE, PIECE_TYPES, TRAINER } from './sentencepiece-fields.js';
import type { ModelProto } from './sentencepiece-proto.js';

/** What is written of a `ModelProto`; ids of -1 say that there is no such piece. */
export type WrittenModel = Readonly<Omit<ModelProto, 'pieces' | 'whitespaceAsSuffix'>> & {
  readonly pieces: readonly Piece[];
  readonly unkId: number;
  readonly padId: number;
};

/** The bytes of a SentencePiece model. */
export function writeModelProto(model: WrittenModel): Uint8Array {
  const writer = new PbfWriter();
  for (const piece of model.pieces) writer.writeMessage(MODEL.piece, writePiece, piece);
  writer.writeMessage(MODEL.trainerSpec, writeTrainerSpec, model);
  writer.writeMessage(MODEL.normalizerSpec, writeNormalizerSpec, model);
  return writer.finish();
}

/** Not with `writeStringField`, which writes most characters from U+20000 on as others. */
function writeText(field: number, text: string, writer: PbfWriter): void {
  writer.writeBytesField(field, new TextEncoder().encode(text));
}

function writePiece({ text, score, type }: Piece, writer: PbfWriter): void {
  writeText(PIECE.text, text, writer);
  writer.writeFloatField(PIECE.score, score);
  if (type !== 'normal') writer.writeVarintField(PIECE.type, PIECE_TYPES.indexOf(type));
}

function writeTrainerSpec(model: WrittenModel, writer: PbfWriter): void {
  writer.writeVarintField(TRAINER.modelType, model.modelType);
  writer.writeVarintField(TRAINER.vocabSize, model.pieces.length);
  writer.writeBooleanField(TRAINER.byteFallback, model.byteFallback);
  for (const [id, idField, textField] of [
    [model.unkId, TRAINER.unkId, TRAINER.unkPiece],
    [model.bosId, TRAINER.bosId, TRAINER.bosPiece],
    [model.eosId, TRAINER.eosId, TRAINER.eosPiece],
    [model.padId, TRAINER.padId, TRAINER.padPiece],
  ]) {
    writer.writeVarintField(idField, id);
    if (id >= 0) writeText(textField, model.pieces[id].text, writer);
  }
}

function writeNormalizerSpec(model: WrittenModel, writer: PbfWriter): void {
  const { charsmap } = model;
  writer.writeStringField(NORMALIZER.name, charsmap.length > 0 ? 'user_defined' : 'identity');
  if (charsmap.length > 0) writer.writeBytesField(NORMALIZER.charsmap, charsmap);
  writer.writeBooleanField(NORMALIZER.addDummyPrefix, model.addDummyPrefix);
  writer.writeBooleanField(NORMALIZER.removeExtraWhitespaces, model.removeExtraWhitespaces);
  writer.writeBooleanField(NORMALIZER.escapeWhitespaces, model.escapeWhitespaces);
}
