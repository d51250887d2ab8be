import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Document } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import {
  buildCorpus,
  exactDedup,
  extract,
  files,
  filter,
  formatReport,
  nearDedup,
  normalize,
  normalizeText,
  readCorpus,
} from '../src/index.js';
import { collect, temporaryFolder, WHOLE } from './support.js';

const NODE_MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url));

describe("the documentation in this workspace's node_modules", () => {
  it('becomes a corpus of text, each file read once, each drop accounted for', async () => {
    const directory = join(await temporaryFolder(), 'corpus');
    // A part of it: Markdown takes a while to parse.
    const source = files({
      paths: [NODE_MODULES],
      include: ['.pnpm/[a-d]*/**/*.{md,txt}', '**/license*'],
    });
    const report = await buildCorpus({
      source,
      stages: [extract(), normalize(), filter(), exactDedup(), nearDedup()],
      directory,
      validation: 0.1,
      seed: 1,
    });
    const all: Document[] = [];
    for (const split of ['train', 'validation'] as const) {
      all.push(...(await collect(readCorpus(directory, split).read(WHOLE))));
    }
    expect(all.length).toBeGreaterThan(40);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    // Real places in pnpm's store, never the links that lead there.
    for (const { id } of all) expect(id).toMatch(/^\.pnpm\/[^/]+\/node_modules\//);
    for (const { text } of all) {
      expect(normalizeText(text)).toBe(text);
      expect(text).not.toContain('\ufffd\ufffd');
    }
    let left = report.source.gave.documents;
    for (const { came, stayed, dropped } of report.stages) {
      expect(came.documents).toBe(left);
      left = stayed.documents;
      expect(came.documents - left).toBe(
        dropped.reduce((sum, { documents }) => sum + documents, 0),
      );
      expect(dropped.map(({ reason }) => reason)).not.toContain('unreported');
    }
    expect(left).toBe(all.length);
    // Licences are the same text over and over.
    const dropped = (stage: string): number =>
      report.stages
        .filter(({ name }) => name === stage)
        .reduce((sum, { came, stayed }) => sum + came.documents - stayed.documents, 0);
    expect(dropped('exactDedup')).toBeGreaterThan(20);
    expect(dropped('nearDedup')).toBeGreaterThan(20);
    expect(formatReport(report)).toContain('near-duplicate');
  });
});
