import type { DecodeOptions, EncodeOptions, Encoding, Json, Tokenizer } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { tokenizerSuite } from '../src/index.js';
import { failures, outcomes } from './collect-runner.js';
import { ByteTokenizer } from './tokenizers.js';

tokenizerSuite({
  runner: { describe, it },
  create: () => new ByteTokenizer(),
  specialTokens: ['<|end|>'],
  fromJson: () => new ByteTokenizer(),
  texts: ['A text of my own.'],
});

interface Broken {
  readonly what: string;
  readonly create: () => Tokenizer;
  readonly fails: readonly string[];
}

const ENDING = '<|end|>';

class PlainObjectVocabulary extends ByteTokenizer {
  override idOf(token: string): number | undefined {
    const table: Record<string, number> = Object.fromEntries(this.ids);
    return table[token];
  }
}

class DropsNul extends ByteTokenizer {
  override encode(text: string, options?: EncodeOptions): Encoding {
    return super.encode(text.replaceAll('\0', ''), options);
  }
}

class ParsesAlways extends ByteTokenizer {
  override encode(text: string, options?: EncodeOptions): Encoding {
    return super.encode(text, { ...options, parseSpecialTokens: true });
  }
}

class ParsesNever extends ByteTokenizer {
  override encode(text: string, options?: EncodeOptions): Encoding {
    return super.encode(text, { ...options, parseSpecialTokens: false });
  }
}

class SkipsAlways extends ByteTokenizer {
  override decode(ids: ArrayLike<number>): string {
    return super.decode(ids);
  }
}

class SplitsSurrogates extends ByteTokenizer {
  override encode(text: string, options?: EncodeOptions): Encoding {
    const units = text.split('').map((unit) => super.encode(unit, { addSpecialTokens: false }).ids);
    const end = options?.addSpecialTokens === false ? [] : [256];
    const { offsets } = super.encode(text, options);
    const ids = Int32Array.from([...units.flatMap((part) => [...part]), ...end]);
    return options?.parseSpecialTokens || offsets ? super.encode(text, options) : { ids };
  }
}

class Remembers extends ByteTokenizer {
  readonly #cache = new Map<string, Encoding>();
  override encode(text: string, options?: EncodeOptions): Encoding {
    const key = JSON.stringify([text, options]);
    const known = this.#cache.get(key) ?? super.encode(text, options);
    this.#cache.set(key, known);
    return known;
  }
}

class Forgetful extends ByteTokenizer {
  #calls = 0;
  override encode(text: string, options?: EncodeOptions): Encoding {
    const encoding = super.encode(text, options);
    if (options === undefined && this.#calls++ % 90 === 89) encoding.ids.reverse();
    return encoding;
  }
}

class ByteOffsets extends ByteTokenizer {
  override encode(text: string, options?: EncodeOptions): Encoding {
    const { ids, offsets } = super.encode(text, options);
    if (offsets === undefined) return { ids };
    return { ids, offsets: Int32Array.from([...ids].flatMap((_, i) => [i, i + 1])) };
  }
}

const BROKEN: readonly Broken[] = [
  {
    what: 'keeps its vocabulary in a plain object',
    create: () => new PlainObjectVocabulary(),
    fails: ['vocabulary > names of object properties are nothing special'],
  },
  {
    what: 'drops a character',
    create: () => new DropsNul(),
    fails: ['round trip > NUL and control characters', 'round trip > all texts in one'],
  },
  {
    what: 'reads special tokens in any text',
    create: () => new ParsesAlways(),
    fails: ['special tokens > written in a text are text'],
  },
  {
    what: 'never reads special tokens',
    create: () => new ParsesNever(),
    fails: ['special tokens > are read with parseSpecialTokens'],
  },
  {
    what: 'always leaves special tokens out',
    create: () => new SkipsAlways(),
    fails: ['special tokens > are left out of decoded text only when asked'],
  },
  {
    what: 'never leaves special tokens out',
    create: () =>
      new (class extends ByteTokenizer {
        override decode(ids: ArrayLike<number>, _options?: DecodeOptions): string {
          return super.decode(ids, { skipSpecialTokens: false });
        }
      })(),
    fails: [
      ...[
        'plain text',
        'empty text',
        'whitespace',
        'emoji',
        'combining marks',
        'Chinese, Japanese, Korean',
        'right to left',
        'NUL and control characters',
        'names of object properties',
        'long runs',
        'code and markup',
        'lone surrogates',
        'all texts in one',
      ].map((name) => `round trip > ${name}`),
      'special tokens > are left out of decoded text only when asked',
    ],
  },
  {
    what: 'splits surrogate pairs',
    create: () => new SplitsSurrogates(),
    fails: [
      'round trip > emoji',
      'round trip > Chinese, Japanese, Korean',
      'round trip > all texts in one',
      'offsets > do not change the ids',
    ],
  },
  {
    what: 'hands out its cache',
    create: () => new Remembers(),
    fails: ['ids > belong to the caller'],
  },
  {
    what: 'gives other ids now and then',
    create: () => new Forgetful(),
    fails: ['ids > the same every time'],
  },
  {
    what: 'gives ids beyond its vocabulary',
    create: () =>
      new (class extends ByteTokenizer {
        override readonly vocabSize: number = 256;
      })(),
    fails: ['ids > in range', 'vocabulary > what is not in it is undefined'],
  },
  {
    what: 'counts offsets in bytes',
    create: () => new ByteOffsets(),
    fails: ['offsets > two a token, in order, within the text'],
  },
  {
    what: 'gives JSON that is not',
    create: () =>
      new (class extends ByteTokenizer {
        override toJSON(): Json {
          return { vocabulary: new Map([['a', 1]]) } as unknown as Json;
        }
      })(),
    fails: ['toJSON > is JSON, the same every time'],
  },
  {
    what: 'has two tokens of one name',
    create: () =>
      new (class extends ByteTokenizer {
        override tokenOf(id: number): string | undefined {
          return id === 7 ? '<8>' : super.tokenOf(id);
        }
      })(),
    fails: ['vocabulary > idOf and tokenOf are inverse'],
  },
];

describe('the tokenizer suite catches a tokenizer that', () => {
  it.each(BROKEN)('$what', async ({ create, fails }) => {
    const results = await outcomes((runner) =>
      tokenizerSuite({ runner, create, specialTokens: [ENDING] }),
    );
    expect(failures(results).toSorted()).toEqual([...fails].toSorted());
  });
});
