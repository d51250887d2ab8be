import { cpus, release } from 'node:os';
import { CASES, type Precision } from './cases.js';
import { type Contender, heddle, peers } from './contenders.js';
import { measureOps } from './ops.js';
import { HELP, type Options, parseOptions } from './options.js';
import { formatSteps, ratioOf, table } from './report.js';
import { relativeDifference } from './statistics.js';
import { type Measured, measureSteps } from './steps.js';

/** How far the losses of the same steps may be apart, relatively. */
const AGREE: Readonly<Record<Precision, number>> = { f32: 1e-3, bf16: 2e-2 };

async function describe(contenders: readonly Contender[]): Promise<void> {
  const [{ model }] = cpus();
  const day = new Date().toISOString().slice(0, 10);
  console.log(`${day}, ${model.trim()}, ${cpus().length} cores, ${process.platform} ${release()}`);
  for (const contender of contenders) {
    const worker = contender.start();
    const { version } = await worker.ask<{ version: string }>({ do: 'version' });
    await worker.end();
    console.log(`${contender.name}: ${version}`);
  }
}

function agree(own: Measured, others: readonly Measured[], dtype: Precision): boolean {
  return others.every(({ losses }) => relativeDifference(own.losses, losses) <= AGREE[dtype]);
}

async function compare({
  cases,
  dtypes,
  rounds,
  threads,
  kernels,
  json,
}: Options): Promise<boolean> {
  const { found, skipped } = peers(threads);
  const contenders = [heddle('heddle', threads, kernels), ...found];
  await describe(contenders);
  for (const line of skipped) console.log(line);
  const ratios: Record<string, number> = {};
  let right = true;
  for (const name of cases) {
    for (const dtype of dtypes) {
      const all = await measureSteps(CASES.get(name)!, contenders, { rounds, threads, dtype });
      const [own, ...others] = all;
      console.log(`\n${name}-${dtype}, ${rounds} rounds\n${formatSteps(all)}`);
      const outside = (100 * (own.outside ?? 0)).toFixed(1);
      console.log(
        `heddle: ${outside} % of a step outside operations; live buffers at most ${((own.buffers ?? 0) / 1e6).toFixed(0)} MB`,
      );
      const idle = all.map((each) => `${each.name} ${each.idle.toFixed(0)}`).join(', ');
      console.log(`processor time between turns, ms: ${idle}`);
      if (!agree(own, others, dtype)) {
        right = false;
        console.log(
          `The losses differ by more than ${AGREE[dtype]}: they do not compute the same.`,
        );
      }
      const ratio = ratioOf(all);
      if (ratio !== undefined) ratios[`${name}-${dtype}`] = Number(ratio.toFixed(3));
    }
  }
  if (json) console.log(JSON.stringify({ ratios }));
  return right;
}

/** M with every activation kept and with each block computed again. Activations are what is left of the peak. */
async function checkpointing({
  dtypes,
  rounds,
  threads,
  kernels,
  json,
}: Options): Promise<boolean> {
  const [kept, again] = [heddle('kept', threads, kernels), heddle('recomputed', threads, kernels)];
  await describe([kept]);
  const ratios: Record<string, number> = {};
  for (const dtype of dtypes) {
    const all = await measureSteps(CASES.get('M')!, [kept, again], {
      ...{ rounds, threads, dtype },
      checkpointing: new Set([again.name]),
    });
    const activations = all.map(({ buffers = 0, state = 0 }) => buffers - state);
    const rows = all.map(({ name, median }, i) => [
      name,
      median.toFixed(1),
      (activations[i] / 1e6).toFixed(0),
    ]);
    console.log(`\nM-${dtype}\n${table([['activations', 'median ms', 'MB'], ...rows])}`);
    ratios[`M-${dtype}-recomputed`] = Number((all[0].median / all[1].median).toFixed(3));
  }
  if (json) console.log(JSON.stringify({ ratios }));
  return true;
}

async function ops(options: Options): Promise<boolean> {
  const reached = await measureOps(options);
  if (options.json) {
    const roofline = reached.map(({ name, ofPeak, ofBandwidth }) => [
      name,
      Number(Math.max(ofPeak, ofBandwidth).toFixed(3)),
    ]);
    console.log(JSON.stringify({ ratios: Object.fromEntries(roofline) }));
  }
  return true;
}

function benchmarkOf({ ops: single, checkpointing: recomputed }: Options) {
  if (single) return ops;
  return recomputed ? checkpointing : compare;
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(HELP);
  else if (!(await benchmarkOf(options)(options))) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
