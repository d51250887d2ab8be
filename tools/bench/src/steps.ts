import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Case, idsOf, type Precision } from './cases.js';
import type { Contender } from './contenders.js';
import { median } from './statistics.js';
import type { MemoryReply, StepReply } from './worker.js';

/** What one contender did in all measured rounds of a case. */
export interface Measured extends MemoryReply {
  readonly name: string;
  readonly median: number;
  readonly least: number;
  /** Of every step from the first on, warm-up included. */
  readonly losses: readonly number[];
  readonly outside?: number;
}

export interface StepsOptions {
  readonly rounds: number;
  readonly threads: number;
  readonly dtype: Precision;
  /** By name of the contender. */
  readonly checkpointing?: ReadonlySet<string>;
}

/** Until the engine has compiled what runs between operations; a step has only some 140 of those. */
const WARM_UP = 5;
/** Milliseconds before a turn: until the threads of whoever was before have gone to sleep. */
const GAP = 20;

/** Measures a training step of all contenders, in turn in every round; the first one (Heddle) makes the weights. */
export async function measureSteps(
  which: Case,
  contenders: readonly Contender[],
  { rounds, threads, dtype, checkpointing = new Set() }: StepsOptions,
): Promise<Measured[]> {
  const folder = await mkdtemp(join(tmpdir(), 'heddle-bench-'));
  const weights = join(folder, 'weights.safetensors');
  const workers = contenders.map((contender) => contender.start());
  try {
    const maker = contenders[0].start();
    await maker.ask({ do: 'initialise', case: which, weights });
    await maker.end();
    const ids = idsOf(which);
    for (const worker of workers) {
      const recompute = checkpointing.has(worker.name);
      const request = { case: which, weights, ids, dtype, threads, checkpointing: recompute };
      await worker.ask({ do: 'load', ...request });
    }
    const replies = workers.map((): StepReply[] => []);
    for (let round = 0; round < WARM_UP + rounds; round++) {
      for (const [i, worker] of workers.entries()) {
        await pause(GAP);
        replies[i].push(await worker.ask<StepReply>({ do: 'step' }));
      }
    }
    const memory = await Promise.all(workers.map((w) => w.ask<MemoryReply>({ do: 'memory' })));
    return workers.map(({ name }, i) => {
      const measured = replies[i].slice(WARM_UP);
      const times = measured.map(({ milliseconds }) => milliseconds);
      const outside = measured.flatMap((reply) => reply.outside ?? []);
      return {
        name,
        median: median(times),
        least: Math.min(...times),
        losses: replies[i].map(({ loss }) => loss),
        ...memory[i],
        ...(outside.length > 0 && { outside: median(outside) }),
      };
    });
  } finally {
    await Promise.all(workers.map((worker) => worker.end()));
    await rm(folder, { recursive: true, force: true });
  }
}
