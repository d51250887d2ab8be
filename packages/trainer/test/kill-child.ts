import { cpu } from '@heddle/cpu';
import { adamw } from '@heddle/tensor';
import { cosine, earlyStopping, train } from '../src/index.js';
import { tinyLoss, tinyModel, tinyObjective, tinySource } from './tiny.js';

/* A run for kill.test.ts: `kill-child.ts DIRECTORY WAIT`, where WAIT slows the data down, in ms. */
const [directory, wait] = process.argv.slice(2);
const backend = cpu();
process.stdout.write('ready\n');
const { reason } = await train({
  backend,
  model: tinyModel,
  objective: tinyObjective(0.2),
  data: tinySource({ wait: Number(wait) }),
  optimizer: adamw(),
  schedule: cosine({ lr: 0.02, warmup: 20 }),
  seed: 5,
  steps: 400, // more than ten sessions of 0.22 s can make, at 8 ms of waiting a step
  accumulate: 2,
  clip: 1,
  logEvery: 7,
  evaluate: async (params) => ({ loss: await tinyLoss(params, backend) }),
  evaluateEvery: 10,
  checkpointEvery: 3,
  directory,
  resume: true,
  callbacks: [earlyStopping({ patience: 1000 })],
});
process.stdout.write(`${reason}\n`);
