import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Contender, findPeers, HEDDLE } from './contenders.js';
import { compareEncoders } from './encode.js';
import { HELP, type Options, parseOptions } from './options.js';
import { comparePools } from './pool.js';
import type { VersionReply } from './protocol.js';
import { writeCorpus, writeTexts, writeWorstCases } from './texts.js';
import { compareTraining } from './train.js';
import { writeVocabulary } from './vocabularies.js';
import { compareWorstCases } from './worst.js';

const DATA =
  process.env.HEDDLE_DATA || fileURLToPath(new URL('../../../../shared/data', import.meta.url));

async function describe(contenders: readonly Contender[]): Promise<void> {
  const [{ model }] = cpus();
  const day = new Date().toISOString().slice(0, 10);
  console.log(`${day}, ${model.trim()}, ${cpus().length} cores, ${process.platform} ${release()}`);
  for (const contender of contenders) {
    const started = contender.start();
    const reply = await started.ask<VersionReply>({ do: 'version' });
    await started.end();
    console.log(`${contender.name}: ${'version' in reply ? reply.version : reply.failed}`);
  }
}

async function measure(options: Options, folder: string): Promise<boolean> {
  const { found, skipped } = await findPeers();
  const all = [HEDDLE, ...found];
  await describe(all);
  const texts = await writeTexts(DATA, options.megabytes, folder);
  const vocabularies: { readonly name: string; readonly path: string }[] = [];
  for (const name of options.vocabularies) {
    const written = await writeVocabulary(name, DATA, folder);
    if ('path' in written) vocabularies.push({ name, path: written.path });
    else skipped.push(`${name}: skipped, ${written.reason}`);
  }
  for (const line of [...skipped, ...texts.skipped]) console.log(line);
  const ratios: Record<string, number> = {};
  let right = true;
  const { parts, rounds } = options;
  if (parts.includes('encode')) {
    for (const vocabulary of vocabularies) {
      const compared = await compareEncoders(vocabulary, texts.found, all, rounds);
      Object.assign(ratios, compared.ratios);
      right &&= compared.right;
    }
  }
  const [first] = vocabularies;
  if (parts.includes('worst') && first) {
    Object.assign(ratios, await compareWorstCases(first, await writeWorstCases(folder), all));
  }
  const corpus = parts.includes('train') ? await writeCorpus(DATA, folder) : undefined;
  if (corpus) {
    const trainers = all.filter(({ name }) => name === 'heddle' || name === 'tokenizers');
    Object.assign(ratios, await compareTraining(corpus, trainers, Math.min(rounds, 3)));
  }
  if (parts.includes('pool')) {
    for (const vocabulary of vocabularies) {
      for (const text of texts.found) {
        Object.assign(ratios, await comparePools(vocabulary, text, rounds));
      }
    }
  }
  if (options.json) console.log(JSON.stringify({ ratios }));
  return right;
}

const folder = await mkdtemp(join(tmpdir(), 'heddle-bench-'));
try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) console.log(HELP);
  else if (!(await measure(options, folder))) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
} finally {
  await rm(folder, { recursive: true, force: true });
}
