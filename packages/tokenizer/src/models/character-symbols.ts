import { writeUtf8 } from '../byte-alphabet.js';
import { byteTokens, haveTokens } from './byte-tokens.js';
import { CharacterIds } from './character-ids.js';
import type { SymbolList } from './symbol-list.js';
import { noUnknownToken } from './unknown-token.js';

/** Appends the symbols of the piece `text[start, end)`. */
export type Symbolize = (text: string, start: number, end: number, out: SymbolList) => void;

export interface CharacterOptions {
  /** Takes the place of characters that are not in the vocabulary, which are left out otherwise. */
  readonly unkToken?: string | null;
  /** One such token for a whole run of them. */
  readonly fuseUnk?: boolean;
  /** They become tokens `<0x00>` to `<0xFF>`, one for each byte, if the vocabulary has those. */
  readonly byteFallback?: boolean;
  /** Stands before every character but the first of a piece. */
  readonly continuingSubwordPrefix?: string | null;
  /** Stands behind the last character of a piece. */
  readonly endOfWordSuffix?: string | null;
}

/**
 * The characters of a piece, as `BPE::merge_word` of Hugging Face's tokenizers takes them. That unknown
 * tokens come behind the bytes of characters that follow them is how it does that, too.
 */
export function characterSymbols(
  vocab: ReadonlyMap<string, number>,
  options: CharacterOptions,
): Symbolize {
  const { unkToken, fuseUnk = false, byteFallback = false } = options;
  const prefix = options.continuingSubwordPrefix ?? '';
  const suffix = options.endOfWordSuffix ?? '';
  const inside = new CharacterIds(vocab, prefix, '');
  const first = prefix === '' ? inside : new CharacterIds(vocab, '', '');
  const last = suffix === '' ? inside : new CharacterIds(vocab, prefix, suffix);
  const only = prefix === '' ? last : suffix === '' ? first : new CharacterIds(vocab, '', suffix);
  const unkId = unkToken == null ? undefined : vocab.get(unkToken);
  const bytesOf = byteFallback ? byteTokens(vocab) : undefined;
  const bytes = new Uint8Array((prefix.length + suffix.length) * 3 + 4);

  return (text, start, end, out) => {
    let unkStart = -1;
    let unkEnd = -1;
    const endUnknown = (): void => {
      if (unkStart >= 0) out.add(unkId as number, unkStart, unkEnd);
      unkStart = -1;
    };
    for (let at = start; at < end; ) {
      let point = text.charCodeAt(at);
      if ((point & 0xf800) === 0xd800) {
        point = at + 1 < end ? (text.codePointAt(at) as number) : point;
        if (point <= 0xffff) point = 0xfffd;
      }
      const next = at + (point > 0xffff ? 2 : 1);
      const ids = at === start ? (next === end ? only : first) : next === end ? last : inside;
      const id = ids.get(point);
      if (id >= 0) {
        endUnknown();
        out.add(id, at, next);
        at = next;
        continue;
      }
      if (bytesOf) {
        const symbol = `${at === start ? '' : prefix}${String.fromCodePoint(point)}${next === end ? suffix : ''}`;
        const length = writeUtf8(symbol, 0, symbol.length, bytes);
        if (haveTokens(bytesOf, bytes, length)) {
          for (let i = 0; i < length; i++) out.add(bytesOf[bytes[i]], at, next);
          at = next;
          continue;
        }
      }
      if (unkToken != null) {
        if (unkId === undefined) throw noUnknownToken('model.unk_token', unkToken);
        if (!fuseUnk) endUnknown();
        if (unkStart < 0) unkStart = at;
        unkEnd = next;
      }
      at = next;
    }
    endUnknown();
  };
}
