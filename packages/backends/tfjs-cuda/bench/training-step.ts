import { type Backend, valueBackend } from '@heddle/core';
import { tfjsDriver } from '../src/driver.js';
import { openEngine } from '../src/engines/choose.js';
import { isOpen } from '../src/engines/open-engine.js';
import { kernelsFor, primitives } from '../src/kernels/index.js';
import { type TinyGpt, training } from '../test/tiny-gpt.js';

/*
 * Training steps on the wasm engine: this package beside the naive mapping, where every primitive is the
 * operation of tfjs of that name with its operands as they come. The rounds of both take turns.
 */

const CASES: Readonly<Record<string, TinyGpt>> = {
  small: { layers: 2, width: 64, heads: 4, context: 32, batch: 8, vocabulary: 65 },
  larger: { layers: 4, width: 128, heads: 4, context: 64, batch: 8, vocabulary: 65 },
};
const WARMUP = 5;
const ROUNDS = 11;

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

const engine = await openEngine('wasm');
if (!isOpen(engine)) throw new Error(engine.reason);
const contenders: Readonly<Record<string, Backend>> = {
  ours: valueBackend(tfjsDriver(engine, kernelsFor(engine))),
  naive: valueBackend(tfjsDriver(engine, primitives)),
};

const ratios: Record<string, number> = {};
for (const [name, shape] of Object.entries(CASES)) {
  const runs = Object.entries(contenders).map(([who, backend]) => ({
    who,
    step: training(backend, shape),
    times: [] as number[],
    loss: 0,
  }));
  for (const run of runs) for (let i = 0; i < WARMUP; i++) await run.step();
  for (let round = 0; round < ROUNDS; round++) {
    for (const run of runs) {
      const began = performance.now();
      run.loss = await run.step();
      run.times.push(performance.now() - began);
    }
  }
  const [ours, naive] = runs.map(({ times }) => median(times));
  if (Math.abs(runs[0].loss - runs[1].loss) > 1e-3) throw new Error('the losses differ');
  ratios[name] = naive / ours;
  console.log(
    `${name}: ours ${ours.toFixed(1)} ms, naive ${naive.toFixed(1)} ms, ${ratios[name].toFixed(1)} times as fast`,
  );
}
console.log(JSON.stringify({ ratios }));
