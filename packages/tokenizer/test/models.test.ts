import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdList } from '../src/id-list.js';
import { bpeModel } from '../src/models/bpe-model.js';
import { modelAt } from '../src/models/read.js';
import type { Model } from '../src/parts.js';
import { type Encoded, golden, type ModelCase } from './golden.js';

const cases = golden<ModelCase[]>('models.json');

function encode(model: Model, text: string, start = 0, end: number = text.length): Encoded {
  const ids = new IdList(0);
  const spans = new IdList(0);
  model.encodePiece(text, start, end, ids, spans);
  const alone = new IdList(0);
  model.encodePiece(text, start, end, alone);
  expect(alone.toArray()).toEqual(ids.toArray());
  return { ids: [...ids.toArray()], offsets: [...spans.toArray()] };
}

function caseOf(name: string): Model {
  const found = cases.find((each) => each.name === name) as ModelCase;
  return modelAt(found.model, 'model', found);
}

describe('ids and offsets are those of the golden file', () => {
  it.each(cases)('$name', ({ model: section, bytes, misplaced, texts, encoded }) => {
    const model = modelAt(section, 'model', { bytes });
    for (const [i, text] of texts.entries()) {
      const expected = encoded[i];
      if (expected === null) {
        expect(() => encode(model, text)).toThrow(/is not supported; supported: a token of/);
        continue;
      }
      const { ids, offsets } = encode(model, text);
      expect([text, ids]).toEqual([text, expected.ids]);
      if (!misplaced) expect([text, offsets]).toEqual([text, expected.offsets]);
      // Inside of a longer text, from the cache.
      const moved = encode(model, `a${text}é`, 1, 1 + text.length);
      expect(moved).toEqual({ ids, offsets: offsets.map((at) => at + 1) });
    }
    expect(model.toJSON()).toEqual(section);
  });
});

describe('offsets are where the tokens lie', () => {
  it('after characters that are left out', () => {
    const vocab = new Map([
      ['a', 0],
      ['b', 1],
      ['ab', 2],
    ]);
    const model = bpeModel(vocab, Int32Array.of(0, 1, 2), { symbols: 'characters' });
    expect(encode(model, 'xxb😀a?b')).toEqual({ ids: [1, 2], offsets: [2, 3, 5, 8] });
  });

  it('before unknown tokens that are put behind the bytes of a later character', () => {
    const vocab = new Map([
      ['<unk>', 0],
      ['<0x7A>', 1],
    ]);
    const options = { symbols: 'characters', unkToken: '<unk>', byteFallback: true } as const;
    const model = bpeModel(vocab, new Int32Array(0), options);
    expect(encode(model, 'éz')).toEqual({ ids: [1, 0], offsets: [1, 2, 0, 1] });
  });
});

describe('a lone half of a surrogate pair is U+FFFD', () => {
  it.each(cases)('$name', ({ model: section, bytes }) => {
    const model = modelAt(section, 'model', { bytes });
    const outcome = (text: string): unknown => {
      try {
        return encode(model, text);
      } catch (error) {
        return String(error);
      }
    };
    for (const half of ['\ud800', '\udc00']) {
      for (const text of [half, `a${half}b`, `${half}${half}a`, `a😀${half}`]) {
        expect(outcome(text)).toEqual(outcome(text.replace(/\p{Surrogate}/gu, '\ufffd')));
      }
    }
  });
});

describe('long pieces', () => {
  const letters = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'é', '中', '😀'), {
    minLength: 40,
    maxLength: 400,
  });

  it('encode as the plain search for the lowest rank', () => {
    const { model: section } = cases.find(({ name }) => name === 'BPE, characters 3') as ModelCase;
    const model = modelAt(section, 'model');
    const { merges } = section as unknown as { merges: [string, string][] };
    const ranks = new Map(merges.map((merge, rank) => [merge.join('\n'), rank]));
    const plain = (symbols: string[]): string[] => {
      for (;;) {
        const found = symbols.map((left, i) => ranks.get(`${left}\n${symbols[i + 1]}`) ?? Infinity);
        const lowest = Math.min(...found);
        if (lowest === Infinity) return symbols;
        const at = found.indexOf(lowest);
        symbols.splice(at, 2, symbols[at] + symbols[at + 1]);
      }
    };
    fc.assert(
      fc.property(letters, (symbols) => {
        const text = symbols.join('');
        const expected = plain(symbols).map((token) => model.vocab.get(token));
        expect(encode(model, text).ids).toEqual(expected);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it.each(cases.filter(({ bytes, name }) => !bytes && !name.includes('no')))(
    'of $name take time near-linear in their length',
    ({ model: section }) => {
      const model = modelAt(section, 'model');
      for (const text of ['a'.repeat(2e5), 'ab中c😀'.repeat(2e4)]) {
        const ids = new IdList(0);
        const started = performance.now();
        model.encodePiece(text, 0, text.length, ids);
        expect(performance.now() - started).toBeLessThan(3000);
      }
    },
  );
});

describe('words that are properties of every object', () => {
  it.each(['WordPiece', 'WordLevel'])('are words to %s', (name) => {
    const model = caseOf(name);
    const tokens = ['hasOwnProperty', '__proto__', 'constructor', 'toString'].map(
      (word) => encode(model, word).ids,
    );
    const id = (token: string): number => model.vocab.get(token) as number;
    expect(tokens).toEqual([
      [id('hasOwnProperty')],
      [id('__proto__')],
      [id('[UNK]')],
      [id('[UNK]')],
    ]);
    expect(JSON.stringify(model.toJSON())).toContain('"__proto__":');
  });
});
