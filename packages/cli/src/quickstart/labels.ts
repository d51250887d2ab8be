import { exactDedup, extract, files, normalize } from '@heddle/corpus';
import { type LabelledText, stratifiedKFold } from '@heddle/finetune';

/** What a file's name says of its content. */
const KINDS: readonly (readonly [string, RegExp])[] = [
  ['changelog', /^(changelog|changes|history|releases?)\b/i],
  ['licence', /^(licen[cs]e|copying|notice|thirdparty)/i],
  ['readme', /^readme\b/i],
];

const SHORTEST = 80;
const LONGEST = 800;
/** So that no long document, and no common kind, drowns the others. */
const MOST_OF_A_DOCUMENT = 12;
const MOST_OF_A_KIND = 500;

export interface LabelledSplit {
  readonly train: readonly LabelledText[];
  readonly test: readonly LabelledText[];
}

/**
 * Paragraphs of the documents whose names say what they are: changelog, licence or readme. A quarter
 * of the documents is held out whole, and no paragraph stands on both sides. Undefined where the text
 * does not bring at least two kinds with eight documents each.
 */
export async function labelledParagraphs(
  paths: readonly string[],
  seed: number,
  signal: AbortSignal,
): Promise<LabelledSplit | undefined> {
  const found = await paragraphs(paths, signal);
  const documents = new Map<string, Set<string>>();
  for (const { label, document } of found)
    documents.set(label, (documents.get(label) ?? new Set()).add(document));
  const enough = new Set(
    [...documents].filter(([, names]) => names.size >= 8).map(([label]) => label),
  );
  const examples = found.filter(({ label }) => enough.has(label));
  if (enough.size < 2) return undefined;
  const [{ train, test }] = stratifiedKFold(
    examples.map(({ label }) => label),
    4,
    { seed, groups: examples.map(({ document }) => document) },
  );
  const pick = (places: readonly number[]): LabelledText[] =>
    places.map((i) => ({ text: examples[i].text, label: examples[i].label }));
  return { train: pick(train), test: pick(test) };
}

interface Paragraph extends LabelledText {
  readonly document: string;
}

async function paragraphs(paths: readonly string[], signal: AbortSignal): Promise<Paragraph[]> {
  const stages = [extract(), normalize(), exactDedup()];
  const items = stages.reduce(
    (upstream, stage) => stage(upstream),
    files({ paths }).read({ rank: 0, worldSize: 1 }),
  );
  const seen = new Set<string>();
  const ofKind = new Map<string, number>();
  const found: Paragraph[] = [];
  for await (const { value: document } of items) {
    signal.throwIfAborted();
    const name = document.id.slice(document.id.lastIndexOf('/') + 1);
    const label = KINDS.find(([, pattern]) => pattern.test(name))?.[0];
    if (label === undefined) continue;
    let taken = 0;
    for (const paragraph of document.text.split(/\n\s*\n/)) {
      const text = paragraph.trim();
      const key = text.toLowerCase().replace(/\W+/g, ' ');
      if (text.length < SHORTEST || text.length > LONGEST || seen.has(key)) continue;
      if (taken === MOST_OF_A_DOCUMENT || (ofKind.get(label) ?? 0) === MOST_OF_A_KIND) break;
      seen.add(key);
      taken++;
      ofKind.set(label, (ofKind.get(label) ?? 0) + 1);
      found.push({ text, label, document: document.id });
    }
  }
  return found;
}
