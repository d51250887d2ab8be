import type { Decoder } from '../parts.js';

/** Turns runs of `<0xNN>` back into text; each byte of a run that is not UTF-8 becomes U+FFFD. */
export function byteFallbackDecoder(): Decoder {
  return {
    decodeChain(tokens) {
      const texts: string[] = [];
      let run: number[] = [];
      const endRun = (): void => {
        if (run.length > 0) texts.push(...textsOf(run));
        run = [];
      };
      for (const token of tokens) {
        const byte = fallbackByte(token);
        if (byte !== undefined) {
          run.push(byte);
          continue;
        }
        endRun();
        texts.push(token);
      }
      endRun();
      return texts;
    },
    toJSON: () => ({ type: 'ByteFallback' }),
  };
}

/** The byte that a token like `<0xE2>` stands for. */
export function fallbackByte(token: string): number | undefined {
  return /^<0x[0-9a-fA-F]{2}>$/.test(token) ? Number.parseInt(token.slice(3, 5), 16) : undefined;
}

function textsOf(bytes: readonly number[]): string[] {
  try {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
    return [decoder.decode(Uint8Array.from(bytes))];
  } catch {
    return bytes.map(() => '\ufffd');
  }
}
