import type { Backend, DeviceBuffer, Op, TypedArray, View } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { backendSuite, type Value } from '../src/index.js';
import { failures, outcomes } from './collect-runner.js';
import { MemoryBackend } from './memory-backend.js';

/** Groups that run against every broken backend, beside those of the operation that is broken. */
const ALWAYS = ['contract', 'storage', 'lifetime', 'order', 'instances', 'dispose', 'floor'];

interface Broken {
  readonly what: string;
  readonly create: () => Backend;
  /** The groups of operations to run as well. */
  readonly groups?: readonly string[];
  /** Exactly the tests that should fail. */
  readonly fails: readonly string[];
  readonly message: RegExp;
}

/** A backend that gets `kind` wrong: `change` is given the right results. */
function wrong(
  kind: Op['kind'],
  change: (results: Value[], inputs: readonly Value[], op: Op) => Value[],
): () => Backend {
  return () =>
    new (class extends MemoryBackend {
      protected override compute(op: Op, inputs: readonly Value[], outputs: readonly Value[]) {
        const results = super.compute(op, inputs, outputs);
        return op.kind === kind ? change(results, inputs, op) : results;
      }
    })();
}

const mapped = (x: Value, f: (value: number, index: number) => number): Value => ({
  ...x,
  data: x.data.map(f),
});

class Deferred extends MemoryBackend {
  #queue: (() => void)[] = [];
  override run(op: Op, inputs: readonly View[], outputs: readonly View[]): void {
    this.#queue.push(() => super.run(op, inputs, outputs));
  }
  #flush(): void {
    for (const action of this.#queue.splice(0)) action();
  }
  override async read(buffer: DeviceBuffer): Promise<TypedArray> {
    this.#flush();
    return super.read(buffer);
  }
  override async sync(): Promise<void> {
    this.#flush();
  }
}

class InPlaceCorruption extends MemoryBackend {
  override run(op: Op, inputs: readonly View[], outputs: readonly View[]): void {
    const over = inputs.findIndex(({ buffer }) => buffer === outputs[0].buffer);
    // As if blocks of the second operand were overwritten before they are read.
    if (op.kind === 'sub' && over === 1) {
      this.stored(outputs[0].buffer, 'sub').data.fill(0, 64);
    }
    super.run(op, inputs, outputs);
  }
}

class Overrun extends MemoryBackend {
  override run(op: Op, inputs: readonly View[], outputs: readonly View[]): void {
    super.run(op, inputs, outputs);
    if (op.kind !== 'neg') return;
    const all = [...this.buffers];
    const next = all[all.indexOf(outputs[0].buffer as (typeof all)[number]) + 1];
    if (next !== undefined && next.size > 0) next.data[0] = 0;
  }
}

class ChangesInput extends MemoryBackend {
  override run(op: Op, inputs: readonly View[], outputs: readonly View[]): void {
    super.run(op, inputs, outputs);
    if (op.kind === 'softmax') this.stored(inputs[0].buffer, 'softmax').data.fill(3);
  }
}

class Leaking extends MemoryBackend {
  override run(op: Op, inputs: readonly View[], outputs: readonly View[]): void {
    super.run(op, inputs, outputs);
    if (op.kind === 'concat') this.count(64);
  }
}

class WrongDType extends MemoryBackend {
  override run(op: Op, inputs: readonly View[], outputs: readonly View[]): void {
    super.run(op, inputs, outputs);
    if (op.kind !== 'less') return;
    const stored = this.stored(outputs[0].buffer, 'less');
    stored.data = Float32Array.from(stored.data);
  }
}

const BROKEN: readonly Broken[] = [
  {
    what: 'broadcasts by repeating the flat data',
    create: wrong('add', ([y], [a, b]) => [
      mapped(y, (_, i) => a.data[i % a.data.length] + b.data[i % b.data.length]),
    ]),
    groups: ['add'],
    fails: ['add > broadcasting', 'add > NaN and infinities', 'add > i32'],
    message: /the output\[\d+\] should be/,
  },
  {
    what: 'denies a primitive',
    create: () =>
      new (class extends MemoryBackend {
        override supports(op: Op): boolean {
          return op.kind !== 'reduceMax' && super.supports(op, 'f32');
        }
        override run(op: Op, inputs: readonly View[], outputs: readonly View[]): void {
          if (op.kind !== 'reduceMax') super.run(op, inputs, outputs);
        }
      })(),
    groups: ['supports'],
    fails: ['supports > every primitive in f32', 'order > large and small work in turn'],
    message: /reduceMax|2, 3, 4|expected/,
  },
  {
    what: 'claims a fused operation that it does not run',
    create: () =>
      new (class extends MemoryBackend {
        override run(op: Op, inputs: readonly View[], outputs: readonly View[]): void {
          if (op.kind !== 'swiglu') super.run(op, inputs, outputs);
        }
      })(),
    groups: ['swiglu'],
    fails: [
      'swiglu > values',
      'swiglu > edge shapes',
      'swiglu > far values and NaN',
      'swiglu > bf16',
    ],
    message: /should be .* but is/,
  },
  {
    what: 'claims everything',
    create: () =>
      new (class extends MemoryBackend {
        override supports(): boolean {
          return true;
        }
      })(),
    groups: ['supports'],
    fails: ['supports > an unknown operation is denied and refused'],
    message: /nobody knows is claimed/,
  },
  {
    what: 'denies a fused operation, but runs it',
    create: () =>
      new (class extends MemoryBackend {
        #asked = false;
        override supports(op: Op): boolean {
          return this.#asked || (op.kind !== 'rope' && super.supports(op, 'f32'));
        }
        override run(op: Op, inputs: readonly View[], outputs: readonly View[]): void {
          this.#asked = true;
          if (op.kind === 'rope') super.run(op, inputs, outputs);
          this.#asked = false;
          if (op.kind !== 'rope') super.run(op, inputs, outputs);
        }
      })(),
    groups: ['supports'],
    fails: ['supports > an operation that is not claimed is refused'],
    message: /rope.*should be refused/,
  },
  {
    what: 'swallows NaN in reduceMax',
    create: wrong('reduceMax', ([y], inputs, op) => {
      const skipped = mapped(inputs[0], (x) => (Number.isNaN(x) ? -Infinity : x));
      return new (class extends MemoryBackend {
        again(): Value[] {
          return this.compute(op, [skipped], [y]);
        }
      })().again();
    }),
    groups: ['reduceMax'],
    fails: ['reduceMax > NaN and infinities'],
    message: /should be NaN/,
  },
  {
    what: 'accepts a double free',
    create: () =>
      new (class extends MemoryBackend {
        override free(buffer: DeviceBuffer): void {
          if (this.buffers.has(buffer as never)) super.free(buffer);
        }
      })(),
    fails: ['lifetime > double free is refused'],
    message: /freeing twice should be refused/,
  },
  {
    what: 'throws a plain error for a double free',
    create: () =>
      new (class extends MemoryBackend {
        override free(buffer: DeviceBuffer): void {
          if (!this.buffers.has(buffer as never)) throw new Error('freed');
          super.free(buffer);
        }
      })(),
    fails: ['lifetime > double free is refused'],
    message: /with a HeddleError/,
  },
  {
    what: 'reads freed buffers',
    create: () =>
      new (class extends MemoryBackend {
        override async read(buffer: DeviceBuffer): Promise<TypedArray> {
          return (buffer as DeviceBuffer & { data: TypedArray }).data.slice();
        }
      })(),
    fails: ['lifetime > read after free is refused', 'dispose > use afterwards is refused'],
    message: /should be refused/,
  },
  {
    what: 'leaks in one operation',
    create: () => new Leaking(),
    groups: ['memory'],
    fails: ['memory > operations leave nothing behind'],
    message: /concat.*64 bytes/,
  },
  {
    what: 'gives its own array to readers',
    create: () =>
      new (class extends MemoryBackend {
        override async read(buffer: DeviceBuffer): Promise<TypedArray> {
          return this.stored(buffer, 'read').data;
        }
      })(),
    fails: ['storage > read gives a fresh copy'],
    message: /share an array/,
  },
  {
    what: 'keeps the array that is written',
    create: () =>
      new (class extends MemoryBackend {
        override write(buffer: DeviceBuffer, data: TypedArray): void {
          super.write(buffer, data);
          this.stored(buffer, 'write').data = data;
        }
      })(),
    fails: ['storage > the array may be reused at once after write'],
    message: /write did not copy/,
  },
  {
    what: 'takes any array',
    create: () =>
      new (class extends MemoryBackend {
        override write(buffer: DeviceBuffer, data: TypedArray): void {
          const stored = this.stored(buffer, 'write');
          for (let i = 0; i < stored.size; i++) stored.data[i] = data[i];
        }
      })(),
    fails: ['storage > a write of another dtype or size is refused'],
    message: /should be refused/,
  },
  {
    what: 'writes and frees before work that was enqueued earlier',
    create: () => new Deferred(),
    fails: [
      'order > a write after an enqueued use does not reach back',
      'order > a buffer may be freed right after its last use',
    ],
    message: /expected|freed/,
  },
  {
    what: 'stores the wrong dtype',
    create: () => new WrongDType(),
    groups: ['less'],
    fails: [
      'less > values',
      'less > broadcasting',
      'less > edge shapes',
      'less > NaN and infinities',
      'less > i32',
      'less > bf16',
    ],
    message: /Int32Array of \d+ but is Float32Array/,
  },
  {
    what: 'slices one too far',
    create: wrong('slice', ([y], [x], op) => {
      const start = op.kind === 'slice' ? op.start : [];
      const last = start.length === 1 && start[0] > 0 && start[0] < x.data.length - y.data.length;
      return [last ? mapped(y, (_, i) => x.data[start[0] + 1 + i]) : y];
    }),
    groups: ['slice'],
    fails: ['slice > values', 'slice > i32', 'slice > NaN and infinities', 'slice > bf16'],
    message: /slice start=\[3\].*\[0\] should be/,
  },
  {
    what: 'sums in an order that changes',
    create: () => {
      let calls = 0;
      return wrong('reduceSum', ([y], [x]) => {
        calls++;
        const sums = y.dtype === 'f32' && y.data.length < x.data.length;
        return [sums ? mapped(y, (sum) => sum * (1 + (calls % 2) * 4e-7)) : y];
      })();
    },
    groups: ['reduceSum'],
    fails: ['reduceSum > the same bits twice'],
    message: /first and .* then/,
  },
  {
    what: 'overwrites an operand before reading it',
    create: () => new InPlaceCorruption(),
    groups: ['sub'],
    fails: ['sub > in place'],
    message: /sub:/,
  },
  {
    what: 'writes one element too many',
    create: () => new Overrun(),
    groups: ['neg'],
    fails: [
      'neg > values',
      'neg > edge shapes',
      'neg > NaN and infinities',
      'neg > in place',
      'neg > bf16',
    ],
    message: /beyond its outputs/,
  },
  {
    what: 'leaves the tail of a vector out',
    create: wrong('abs', ([y]) => [
      mapped(y, (x, i) => (i < y.data.length - (y.data.length % 4) ? x : Number.NaN)),
    ]),
    groups: ['abs'],
    fails: ['abs > values', 'abs > edge shapes', 'abs > in place', 'abs > bf16'],
    message: /is NaN/,
  },
  {
    what: 'works on its input',
    create: () => new ChangesInput(),
    groups: ['softmax'],
    fails: [
      'softmax > values',
      'softmax > edge shapes',
      'softmax > NaN, infinities and large values',
      'softmax > bf16',
    ],
    message: /changed an input/,
  },
  {
    what: 'draws other random numbers',
    create: wrong('randomUniform', ([y]) => [mapped(y, (x) => (x + 2 ** -24) % 1)]),
    groups: ['randomUniform'],
    fails: ['randomUniform > values', 'randomUniform > edge shapes'],
    message: /should be/,
  },
  {
    what: 'updates weights with a scale that is not finite',
    create: wrong('adamw', (results, inputs) =>
      Number.isFinite(inputs[0].data[0])
        ? results
        : results.map((x) => mapped(x, () => Number.NaN)),
    ),
    groups: ['adamw'],
    fails: ['adamw > a scale that is not finite changes nothing'],
    message: /is NaN/,
  },
  {
    what: 'cannot be disposed of twice',
    create: () =>
      new (class extends MemoryBackend {
        #gone = false;
        override async [Symbol.asyncDispose](): Promise<void> {
          if (this.#gone) throw new Error('disposed twice');
          this.#gone = true;
          await super[Symbol.asyncDispose]();
        }
      })(),
    fails: ['dispose > with buffers alive and work enqueued, and twice'],
    message: /disposed twice/,
  },
];

/** Shared by all instances, as a module-level table would be. */
function sharedMemory(): () => Backend {
  const shared = { live: 0 };
  return () =>
    new (class extends MemoryBackend {
      override memory(): { live: number; peak: number } {
        shared.live = Math.max(shared.live, this.live);
        return { live: shared.live, peak: shared.live };
      }
      protected override count(bytes: number): void {
        super.count(bytes);
        shared.live = Math.max(shared.live, this.live);
      }
    })();
}

describe('the backend suite catches a backend that', () => {
  it.each(BROKEN)('$what', async ({ create, groups = [], fails, message }) => {
    const wanted = new Set([...ALWAYS, ...groups]);
    const results = await outcomes(
      (runner) => backendSuite({ runner, create }),
      (id) => wanted.has(id.split(' > ')[0]),
    );
    expect(failures(results).toSorted()).toEqual([...fails].toSorted());
    for (const id of fails) expect(String(results.get(id))).toMatch(message);
  });

  it('shares its state between instances', async () => {
    const results = await outcomes(
      (runner) => backendSuite({ runner, create: sharedMemory() }),
      (id) => id.startsWith('instances'),
    );
    expect(failures(results)).toEqual(['instances > two do not interfere']);
  });
});
