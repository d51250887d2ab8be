import type { Backend, Context, Params, RngKey, Tensor, TokenInput } from '@heddle/core';
import { randomWords } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { type ModelSuiteOptions, modelSuite } from '../src/index.js';
import { failures, outcomes } from './collect-runner.js';
import { MemoryBackend } from './memory-backend.js';
import { PlainTensor, TinyCache, TinyModel } from './tiny-model.js';

type Saved = readonly { name: string; shape: readonly number[]; numbers: Float32Array }[];

async function save(params: Params): Promise<Saved> {
  return Promise.all(
    Object.entries(params).map(async ([name, tensor]) => ({
      name,
      shape: tensor.shape,
      numbers: (await tensor.read()) as Float32Array,
    })),
  );
}

function options(create: () => TinyModel): Omit<ModelSuiteOptions<Saved>, 'runner'> {
  return {
    create,
    backend: () => new MemoryBackend(),
    tensor: (backend, data, shape) => PlainTensor.of(backend, data, shape),
    save: (_model, params) => save(params),
    load: (saved, backend) => ({
      model: create(),
      params: Object.fromEntries(
        saved.map(({ name, shape, numbers }) => [name, PlainTensor.of(backend, numbers, shape)]),
      ),
    }),
  };
}

modelSuite({ runner: { describe, it }, ...options(() => new TinyModel()) });

class Bidirectional extends TinyModel {
  override readonly causal: boolean = false;
  protected override readonly masked: boolean = false;
  override readonly createCache = undefined as never;
}

modelSuite({ runner: { describe, it }, ...options(() => new Bidirectional()) });

/** Adds to the hidden states what `change` makes of the batch. */
class Disturbed extends TinyModel {
  constructor(
    readonly change: (
      hidden: Float32Array,
      shape: readonly number[],
      context: Context,
      input: TokenInput,
    ) => void,
  ) {
    super();
  }
  override hidden(params: Params, input: TokenInput, context: Context): Tensor {
    const hidden = super.hidden(params, input, context) as PlainTensor;
    // The in-memory backend computes at once: its array is there to be changed.
    const { data } = hidden.buffer as unknown as { data: Float32Array };
    this.change(data, hidden.shape, context, input);
    return hidden;
  }
}

const BROKEN: readonly { what: string; create: () => TinyModel; fails: readonly string[] }[] = [
  {
    what: 'sees the future',
    create: () =>
      new (class extends TinyModel {
        protected override readonly masked: boolean = false;
      })(),
    fails: [
      'attention > a token changes nothing before it, if causal; else it does',
      'cache > decoding piece by piece equals the whole pass',
      'cache > two are independent',
    ],
  },
  {
    what: 'says that it is bidirectional and is not',
    create: () =>
      new (class extends TinyModel {
        override readonly causal: boolean = false;
      })(),
    fails: ['attention > a token changes nothing before it, if causal; else it does'],
  },
  {
    what: 'mixes the rows of a batch',
    create: () =>
      new Disturbed((hidden, [rows]) => {
        const size = hidden.length / rows;
        for (let i = size; i < hidden.length; i++) hidden[i] += 0.01 * hidden[i % size];
      }),
    fails: ['pass > a row of a batch equals it alone'],
  },
  {
    what: 'begins again at position 0 with a cache',
    create: () =>
      new (class extends TinyModel {
        protected override positionsOf(input: TokenInput): Tensor {
          const { cache: _, ...rest } = input;
          return super.positionsOf(rest);
        }
      })(),
    fails: ['cache > decoding piece by piece equals the whole pass', 'cache > two are independent'],
  },
  {
    what: 'shares one cache',
    create: () => {
      let alive: TinyCache | undefined;
      return new (class extends TinyModel {
        override createCache(at: { batch: number; capacity: number; backend: Backend }) {
          if (alive !== undefined) return new TinyCache(at.capacity, alive.keys);
          const cache = super.createCache(at) as TinyCache;
          alive = cache;
          return Object.assign(cache, {
            dispose: () => {
              alive = undefined;
              cache.keys.dispose();
            },
          });
        }
      })();
    },
    fails: ['cache > two are independent'],
  },
  {
    what: 'never counts what its cache holds',
    create: () =>
      new (class extends TinyModel {
        protected override store(...[cache, keys]: Parameters<TinyModel['store']>) {
          const all = super.store(cache, keys);
          const held = cache.length;
          Object.defineProperty(cache, 'length', { get: () => held, set() {}, configurable: true });
          return all;
        }
      })(),
    fails: [
      'cache > decoding piece by piece equals the whole pass',
      'cache > two are independent',
      'cache > leaves nothing behind',
    ],
  },
  {
    what: 'lets its cache overflow',
    create: () =>
      new (class extends TinyModel {
        protected override store(...[cache, keys]: Parameters<TinyModel['store']>) {
          if (cache.length + keys.shape[1] > cache.capacity) cache.length = 0;
          return super.store(cache, keys);
        }
      })(),
    fails: ['cache > more than its capacity is refused'],
  },
  {
    what: 'ignores segments',
    create: () =>
      new (class extends TinyModel {
        protected override attend(...[x, input]: Parameters<TinyModel['attend']>) {
          const { segments: _, ...rest } = input;
          return super.attend(x, rest);
        }
      })(),
    fails: [
      'attention > segments do not see each other',
      'attention > packed texts equal texts alone',
    ],
  },
  {
    what: 'ignores positions',
    create: () =>
      new (class extends TinyModel {
        protected override embed(...[params, input]: Parameters<TinyModel['embed']>) {
          const { positions: _, ...rest } = input;
          return super.embed(params, rest);
        }
      })(),
    fails: ['attention > packed texts equal texts alone'],
  },
  {
    what: 'does not look at other tokens',
    create: () =>
      new (class extends TinyModel {
        protected override attend(...[x]: Parameters<TinyModel['attend']>) {
          return PlainTensor.of(
            x.backend,
            (x.buffer as unknown as { data: Float32Array }).data,
            x.shape,
          );
        }
      })(),
    fails: [
      'attention > a token reaches the positions after it',
      'attention > segments do not see each other',
      'cache > decoding piece by piece equals the whole pass',
      'cache > two are independent',
      'cache > more than its capacity is refused',
      'cache > leaves nothing behind',
    ],
  },
  {
    what: 'drops out when it does not train',
    create: () =>
      new Disturbed((hidden, _, { key }) => {
        const words = randomWords(key, hidden.length);
        for (let i = 0; i < hidden.length; i++) if (words[i] % 10 === 0) hidden[i] = 0;
      }),
    fails: [
      'pass > is not random without training',
      // What is dropped goes by the position in the batch, so these see it as well.
      'pass > a row of a batch equals it alone',
      'attention > packed texts equal texts alone',
      'cache > decoding piece by piece equals the whole pass',
      'cache > two are independent',
    ],
  },
  {
    what: 'is random in training beyond its key',
    create: () => {
      let calls = 0;
      return new Disturbed((hidden, _, { train }) => {
        if (train) hidden[0] += ++calls;
      });
    },
    fails: ['pass > in training depends on its key alone'],
  },
  {
    what: 'leaves a tensor behind',
    create: () =>
      new (class extends TinyModel {
        override logits(params: Params, hidden: Tensor): Tensor {
          new PlainTensor(hidden.backend, [4]);
          return super.logits(params, hidden);
        }
      })(),
    fails: ['pass > leaves nothing behind', 'cache > leaves nothing behind'],
  },
  {
    what: 'draws parameters anew each time',
    create: () => {
      let calls = 0;
      return new (class extends TinyModel {
        override init(key: RngKey, backend: Backend): Params {
          return super.init([key[0], key[1] + 100 * calls++], backend);
        }
      })();
    },
    fails: ['init > the same key gives the same parameters'],
  },
  {
    what: 'ignores the key',
    create: () =>
      new (class extends TinyModel {
        override init(_: RngKey, backend: Backend): Params {
          return super.init([0, 0], backend);
        }
      })(),
    fails: ['init > another key gives others under the same names'],
  },
  {
    what: 'applies what logits(hidden) does not',
    create: () =>
      new (class extends TinyModel {
        override apply(params: Params, input: TokenInput, context: Context): Tensor {
          const logits = super.apply(params, input, context) as PlainTensor;
          const { data } = logits.buffer as unknown as { data: Float32Array };
          for (let i = 0; i < data.length; i++) data[i] *= 1.001;
          return logits;
        }
      })(),
    fails: ['pass > apply is logits of hidden'],
  },
  {
    what: 'takes any length',
    create: () =>
      new (class extends TinyModel {
        protected override positionsOf(input: TokenInput): Tensor {
          const [batch, length] = input.ids.shape;
          const first = input.cache?.length ?? 0;
          const data = Int32Array.from(
            { length: batch * length },
            (_, i) => (first + (i % length)) % 16,
          );
          return PlainTensor.of(input.ids.backend, data, [batch, length]);
        }
      })(),
    fails: ['pass > a sequence longer than the context is refused'],
  },
];

describe('the model suite catches a model that', () => {
  it.each(BROKEN)('$what', async ({ create, fails }) => {
    const results = await outcomes((runner) => modelSuite({ runner, ...options(create) }));
    expect(failures(results).toSorted()).toEqual([...fails].toSorted());
  });

  const savers: readonly [string, (saved: Saved) => Saved, readonly string[]][] = [
    [
      'loses precision',
      (saved) =>
        saved.map((x) => ({ ...x, numbers: x.numbers.map((v) => Math.fround(v * 1e3) / 1e3) })),
      ['checkpoint > parameters come back bit for bit', 'checkpoint > logits are the same bits'],
    ],
    [
      'renames a parameter',
      (saved) => saved.flatMap((x) => (x.name === 'output' ? [x, { ...x, name: 'lm_head' }] : [x])),
      ['checkpoint > parameters come back bit for bit'],
    ],
  ];
  it.each(savers)('%s in its checkpoints', async (_, spoil, fails) => {
    const plain = options(() => new TinyModel());
    const results = await outcomes((runner) =>
      modelSuite<Saved>({
        ...plain,
        runner,
        save: async (model, params) => spoil((await plain.save?.(model, params)) as Saved),
      }),
    );
    expect(failures(results).toSorted()).toEqual([...fails].toSorted());
  });
});
