import type { Cursor, Item, ReadOptions, Source, Stage } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { sourceSuite, stageSuite } from '../src/index.js';
import { failures, outcomes } from './collect-runner.js';

/** The numbers 0 … size-1, every worldSize-th to a rank. */
class Counting implements Source<{ n: number }> {
  readonly name: string = 'counting';
  readonly size: number = 23;

  protected resumeAt(after: Cursor): number {
    return (after as { next: number }).next;
  }

  protected cursor(next: number): Cursor {
    return { next };
  }

  protected mine(n: number, { rank, worldSize }: ReadOptions): boolean {
    return n % worldSize === rank;
  }

  async *read(at: ReadOptions): AsyncGenerator<Item<{ n: number }>> {
    let n = at.after === undefined ? 0 : this.resumeAt(at.after);
    for (; n < this.size; n++) {
      if (this.mine(n, at)) yield { value: { n }, cursor: this.cursor(n + 1) };
    }
  }
}

sourceSuite({ runner: { describe, it }, create: () => new Counting() });

const SOURCES: readonly {
  what: string;
  create: () => Source<unknown>;
  fails: readonly string[];
}[] = [
  {
    what: 'repeats the last item on resume',
    create: () =>
      new (class extends Counting {
        protected override resumeAt(after: Cursor): number {
          return super.resumeAt(after) - 1;
        }
      })(),
    fails: [
      'resume > after any cursor gives exactly the rest',
      'resume > cursors survive JSON',
      'resume > again and again',
      'resume > of one rank gives the rest of that rank',
    ],
  },
  {
    what: 'loses an item on resume from one place',
    create: () =>
      new (class extends Counting {
        protected override resumeAt(after: Cursor): number {
          const next = super.resumeAt(after);
          return next === 16 ? 17 : next;
        }
      })(),
    fails: [
      'resume > after any cursor gives exactly the rest',
      'resume > cursors survive JSON',
      'resume > again and again',
    ],
  },
  {
    what: 'has cursors that JSON does not keep',
    create: () =>
      new (class extends Counting {
        protected override cursor(next: number): Cursor {
          return new Map([['next', next]]) as unknown as Cursor;
        }
        protected override resumeAt(after: Cursor): number {
          return (after as unknown as Map<string, number>).get('next') as number;
        }
      })(),
    fails: ['resume > cursors survive JSON'],
  },
  {
    what: 'gives an item to two ranks',
    create: () =>
      new (class extends Counting {
        protected override mine(n: number, at: ReadOptions): boolean {
          return n === 5 || super.mine(n, at);
        }
      })(),
    fails: ['ranks > partition the items', 'ranks > may be more than the items'],
  },
  {
    what: 'drops the last items that do not fill all ranks',
    create: () =>
      new (class extends Counting {
        protected override mine(n: number, at: ReadOptions): boolean {
          const whole = this.size - (this.size % at.worldSize);
          return n < whole && super.mine(n, at);
        }
      })(),
    fails: ['ranks > partition the items', 'ranks > may be more than the items'],
  },
  {
    what: 'shares its position between readers',
    create: () => {
      let n = 0;
      return new (class extends Counting {
        override async *read(at: ReadOptions): AsyncGenerator<Item<{ n: number }>> {
          n = at.after === undefined ? 0 : this.resumeAt(at.after);
          for (; n < this.size; n++) {
            if (this.mine(n, at)) yield { value: { n }, cursor: this.cursor(n + 1) };
          }
        }
      })();
    },
    fails: ['reading > two readers at once do not disturb each other'],
  },
  {
    what: 'cannot be read twice',
    create: () => {
      let used = false;
      return new (class extends Counting {
        override async *read(at: ReadOptions): AsyncGenerator<Item<{ n: number }>> {
          if (used) return;
          used = true;
          yield* super.read(at);
        }
      })();
    },
    fails: [
      'reading > twice gives the same items and cursors',
      'reading > two readers at once do not disturb each other',
      'reading > may stop early',
      'ranks > can be read at once',
    ],
  },
  {
    what: 'cannot be closed',
    create: () => {
      const source = new Counting();
      return {
        name: 'open',
        read: (at: ReadOptions) => {
          const inner = source.read(at);
          return { [Symbol.asyncIterator]: () => ({ next: () => inner.next() }) };
        },
      };
    },
    fails: ['reading > may stop early'],
  },
  {
    what: 'does not end',
    create: () =>
      new (class extends Counting {
        override readonly size: number = 1e9;
      })(),
    fails: [
      'reading > twice gives the same items and cursors',
      'reading > two readers at once do not disturb each other',
      'reading > may stop early',
      'resume > after any cursor gives exactly the rest',
      'resume > cursors survive JSON',
      'resume > again and again',
      'resume > of one rank gives the rest of that rank',
      'ranks > partition the items',
      'ranks > may be more than the items',
      'ranks > can be read at once',
    ],
  },
];

describe('the source suite catches a source that', () => {
  it.each(SOURCES)('$what', async ({ create, fails }) => {
    const results = await outcomes((runner) => sourceSuite({ runner, create, limit: 1000 }));
    expect(failures(results).toSorted()).toEqual([...fails].toSorted());
  });
});

type Text = { text: string };

/** Lower-cases, drops what is empty, and gives words one by one. */
const words: Stage<Text, string> = async function* (items) {
  for await (const { value, cursor } of items) {
    for (const word of value.text.toLowerCase().split(' ')) if (word) yield { value: word, cursor };
  }
};

const inputs: readonly Text[] = ['One two', '', 'three', 'FOUR five six', 'seven'].map((text) => ({
  text,
}));

stageSuite({ runner: { describe, it }, create: () => words, inputs });

/** Pulls up to `ahead` items before they are asked for, at once. */
const prefetching = (ahead: number): Stage<Text, string> =>
  async function* (items) {
    const iterator = items[Symbol.asyncIterator]();
    const queue: Promise<IteratorResult<Item<Text>>>[] = [];
    try {
      for (;;) {
        while (queue.length <= ahead) queue.push(iterator.next());
        const next = await (queue.shift() as (typeof queue)[number]);
        if (next.done) return;
        yield { value: next.value.value.text, cursor: next.value.cursor };
      }
    } finally {
      await Promise.allSettled(queue);
      await iterator.return?.();
    }
  };

stageSuite({
  runner: { describe, it },
  create: () => prefetching(3),
  inputs: () => structuredClone(inputs),
  ahead: 3,
});

const STAGES: readonly {
  what: string;
  create: () => Stage<Text, string>;
  fails: readonly string[];
}[] = [
  {
    what: 'swallows errors',
    create: () =>
      async function* (items) {
        try {
          yield* words(items);
        } catch {}
      },
    fails: ['ending > errors come through'],
  },
  {
    what: 'throws another error instead',
    create: () =>
      async function* (items) {
        try {
          yield* words(items);
        } catch {
          throw new Error('something went wrong');
        }
      },
    fails: ['ending > errors come through'],
  },
  {
    what: 'collects everything first',
    create: () =>
      async function* (items) {
        const all: Item<string>[] = [];
        for await (const item of words(items)) all.push(item);
        yield* all;
      },
    fails: ['flow > pulls no further ahead than stated'],
  },
  {
    what: 'pulls further ahead than it states',
    create: () => prefetching(2),
    fails: ['flow > pulls no further ahead than stated'],
  },
  {
    what: 'makes cursors of its own',
    create: () =>
      async function* (items) {
        let n = 0;
        for await (const { value } of words(items)) yield { value, cursor: n++ };
      },
    fails: [
      'cursors > pass through in order',
      'cursors > resume',
      'flow > pulls no further ahead than stated',
    ],
  },
  {
    what: 'gives the cursor of the item before',
    create: () =>
      async function* (items) {
        let before: Cursor | undefined;
        for await (const { value, cursor } of items) {
          yield { value: value.text, cursor: before ?? cursor };
          before = cursor;
        }
      },
    fails: ['cursors > resume', 'flow > pulls no further ahead than stated'],
  },
  {
    what: 'leaves its upstream open',
    create: () => (items) => {
      const iterator = items[Symbol.asyncIterator]();
      let closed = false;
      const stream: AsyncIterableIterator<Item<string>> = {
        [Symbol.asyncIterator]: () => stream,
        async next() {
          if (closed) return { done: true, value: undefined };
          const { done, value } = await iterator.next();
          if (done) return { done: true, value: undefined };
          return { done: false, value: { value: value.value.text, cursor: value.cursor } };
        },
        async return() {
          closed = true;
          return { done: true, value: undefined };
        },
      };
      return stream;
    },
    fails: ['ending > closes its upstream when stopped early'],
  },
  {
    what: 'keeps state between uses',
    create: () => {
      const seen = new Set<string>();
      return async function* (items) {
        for await (const item of words(items)) {
          if (seen.has(item.value)) continue;
          seen.add(item.value);
          yield item;
        }
      };
    },
    fails: ['flow > the same input gives the same output'],
  },
  {
    what: 'changes its input',
    create: () =>
      async function* (items) {
        for await (const { value, cursor } of items) {
          value.text = value.text.toLowerCase();
          yield { value: value.text, cursor };
        }
      },
    fails: ['flow > leaves its input alone'],
  },
];

describe('the stage suite catches a stage that', () => {
  it.each(STAGES)('$what', async ({ create, fails }) => {
    const results = await outcomes((runner) => stageSuite({ runner, create, inputs }));
    expect(failures(results).toSorted()).toEqual([...fails].toSorted());
  });
});
