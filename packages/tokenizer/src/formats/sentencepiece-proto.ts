import { HeddleError } from '@heddle/core';
import { PbfReader } from 'pbf';
import { MOST_TOKENS } from '../limits.js';
import { badFile } from './bad-file.js';
import type { Piece, PieceType } from './sentencepiece-content.js';
import { MODEL, NORMALIZER, PIECE, PIECE_TYPES, TRAINER, UNIGRAM } from './sentencepiece-fields.js';

/** What is read of a `ModelProto` of SentencePiece (`sentencepiece_model.proto`), with its defaults. */
export interface ModelProto {
  readonly pieces: Piece[];
  /** 1 unigram, 2 BPE, 3 words, 4 characters. */
  modelType: number;
  byteFallback: boolean;
  whitespaceAsSuffix: boolean;
  bosId: number;
  eosId: number;
  charsmap: Uint8Array;
  addDummyPrefix: boolean;
  removeExtraWhitespaces: boolean;
  escapeWhitespaces: boolean;
}

const FILE = 'SentencePiece model';

export function readModelProto(bytes: Uint8Array): ModelProto {
  const model: ModelProto = {
    pieces: [],
    modelType: UNIGRAM,
    byteFallback: false,
    whitespaceAsSuffix: false,
    bosId: 1,
    eosId: 2,
    charsmap: new Uint8Array(0),
    addDummyPrefix: true,
    removeExtraWhitespaces: true,
    escapeWhitespaces: true,
  };
  try {
    readFields(bytes, (field, reader) => {
      if (field === MODEL.piece) model.pieces.push(readPiece(bytesOf(reader), model.pieces.length));
      else if (field === MODEL.trainerSpec) readTrainerSpec(bytesOf(reader), model);
      else if (field === MODEL.normalizerSpec) readNormalizerSpec(bytesOf(reader), model);
      else reader.skip(reader.type);
    });
  } catch (error) {
    if (HeddleError.is(error)) throw error;
    throw badFile(FILE, error instanceof Error ? error.message : String(error), error);
  }
  return model;
}

function readTrainerSpec(bytes: Uint8Array, model: ModelProto): void {
  readFields(bytes, (field, reader) => {
    if (field === TRAINER.modelType) model.modelType = numberOf(reader);
    else if (field === TRAINER.whitespaceAsSuffix)
      model.whitespaceAsSuffix = numberOf(reader) !== 0;
    else if (field === TRAINER.byteFallback) model.byteFallback = numberOf(reader) !== 0;
    else if (field === TRAINER.bosId) model.bosId = numberOf(reader);
    else if (field === TRAINER.eosId) model.eosId = numberOf(reader);
    else reader.skip(reader.type);
  });
}

function readNormalizerSpec(bytes: Uint8Array, model: ModelProto): void {
  readFields(bytes, (field, reader) => {
    if (field === NORMALIZER.charsmap) model.charsmap = bytesOf(reader);
    else if (field === NORMALIZER.addDummyPrefix) model.addDummyPrefix = numberOf(reader) !== 0;
    else if (field === NORMALIZER.removeExtraWhitespaces)
      model.removeExtraWhitespaces = numberOf(reader) !== 0;
    else if (field === NORMALIZER.escapeWhitespaces)
      model.escapeWhitespaces = numberOf(reader) !== 0;
    else reader.skip(reader.type);
  });
}

function readPiece(bytes: Uint8Array, id: number): Piece {
  if (id === MOST_TOKENS) throw badFile(FILE, `has more than ${MOST_TOKENS} pieces`);
  let text = '';
  let score = 0;
  let type: PieceType | undefined = 'normal';
  readFields(bytes, (field, reader) => {
    if (field === PIECE.text) text = textOf(bytesOf(reader), id);
    else if (field === PIECE.score && reader.type === 5) score = reader.readFloat();
    else if (field === PIECE.type) type = PIECE_TYPES[numberOf(reader)];
    else reader.skip(reader.type);
  });
  if (text === '') throw badFile(`${FILE}, piece ${id}`, 'has no text');
  if (type === undefined) throw badFile(`${FILE}, piece ${id}`, 'is of no known type');
  if (!Number.isFinite(score)) throw badFile(`${FILE}, piece ${id}`, 'has no finite score');
  return { text, score, type };
}

const UTF8 = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array, id: number): string {
  try {
    return UTF8.decode(bytes);
  } catch (error) {
    throw badFile(`${FILE}, piece ${id}`, 'is not UTF-8', error);
  }
}

/** Calls `read` for each field of a message; it reads or skips the field. */
function readFields(bytes: Uint8Array, read: (field: number, reader: PbfReader) => void): void {
  const reader = new PbfReader(bytes);
  while (reader.pos < bytes.length) {
    const field = reader.nextField();
    if (field === 0) throw badFile(FILE, 'there is a field without a number');
    read(field, reader);
    if (reader.pos > bytes.length) throw badFile(FILE, 'ends in the middle of a field');
  }
}

function bytesOf(reader: PbfReader): Uint8Array {
  if (reader.type !== 2) throw badFile(FILE, 'a number stands where text or a message should');
  return reader.readBytes();
}

function numberOf(reader: PbfReader): number {
  if (reader.type !== 0) throw badFile(FILE, 'something else stands where a number should');
  return reader.readVarint(true);
}
