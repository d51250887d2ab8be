import type { DecodeOptions, EncodeOptions, Encoding, Json, Tokenizer } from '@heddle/core';

const END = '<|end|>';

/** Bytes as tokens, and one special token: right, and small enough to be read at a glance. */
export class ByteTokenizer implements Tokenizer {
  readonly vocabSize: number = 257;
  protected readonly ids: ReadonlyMap<string, number> = new Map([
    ...Array.from({ length: 256 }, (_, byte): [string, number] => [`<${byte}>`, byte]),
    [END, 256],
  ]);

  encode(text: string, options: EncodeOptions = {}): Encoding {
    const { addSpecialTokens = true, parseSpecialTokens = false } = options;
    const parts = parseSpecialTokens ? text.split(END) : [text];
    const ids: number[] = [];
    const offsets: number[] = [];
    let at = 0;
    parts.forEach((part, i) => {
      if (i > 0) {
        ids.push(256);
        offsets.push(at, at + END.length);
        at += END.length;
      }
      for (const character of part) {
        for (const byte of new TextEncoder().encode(character)) {
          ids.push(byte);
          offsets.push(at, at + character.length);
        }
        at += character.length;
      }
    });
    if (addSpecialTokens) {
      ids.push(256);
      offsets.push(at, at);
    }
    return {
      ids: Int32Array.from(ids),
      ...(options.offsets && { offsets: Int32Array.from(offsets) }),
    };
  }

  decode(ids: ArrayLike<number>, options: DecodeOptions = {}): string {
    const { skipSpecialTokens = true } = options;
    const bytes: number[] = [];
    for (const id of Array.from(ids)) {
      if (id < 256) bytes.push(id);
      else if (!skipSpecialTokens) bytes.push(...new TextEncoder().encode(END));
    }
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes));
  }

  idOf(token: string): number | undefined {
    return this.ids.get(token);
  }

  tokenOf(id: number): string | undefined {
    if (!Number.isInteger(id) || id < 0 || id > 256) return undefined;
    return id === 256 ? END : `<${id}>`;
  }

  toJSON(): Json {
    return { type: 'bytes', special: [END] };
  }
}
