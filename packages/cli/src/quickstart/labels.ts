import type { Document } from '@heddle/core';
import { type DocumentStage, documentStage } from '@heddle/corpus';
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

interface Paragraph extends LabelledText {
  readonly document: string;
}

/**
 * Collects paragraphs of the documents whose names say what they are (changelog, licence or readme),
 * while they pass through the corpus pipeline.
 */
export class ParagraphCollector {
  readonly #found: Paragraph[] = [];
  readonly #seen = new Set<string>();
  readonly #ofKind = new Map<string, number>();

  /** Passes every document on. */
  get stage(): DocumentStage {
    return documentStage('paragraphs', () => (document) => {
      this.#take(document);
      return document;
    });
  }

  #take(document: Document): void {
    const name = document.id.slice(document.id.lastIndexOf('/') + 1);
    const label = KINDS.find(([, pattern]) => pattern.test(name))?.[0];
    if (label === undefined) return;
    let taken = 0;
    for (const paragraph of document.text.split(/\n\s*\n/)) {
      const text = paragraph.trim();
      const key = text.toLowerCase().replace(/\W+/g, ' ');
      if (text.length < SHORTEST || text.length > LONGEST || this.#seen.has(key)) continue;
      const ofKind = this.#ofKind.get(label) ?? 0;
      if (taken === MOST_OF_A_DOCUMENT || ofKind === MOST_OF_A_KIND) return;
      this.#seen.add(key);
      this.#ofKind.set(label, ofKind + 1);
      this.#found.push({ text, label, document: document.id });
      taken++;
    }
  }

  /**
   * A quarter of the documents is held out whole, and no paragraph stands on both sides. Undefined
   * where the text did not bring at least two kinds with eight documents each.
   */
  split(seed: number): LabelledSplit | undefined {
    const documents = new Map<string, Set<string>>();
    for (const { label, document } of this.#found)
      documents.set(label, (documents.get(label) ?? new Set()).add(document));
    const examples = this.#found.filter(({ label }) => (documents.get(label)?.size ?? 0) >= 8);
    const labels = examples.map(({ label }) => label);
    if (new Set(labels).size < 2) return undefined;
    const groups = examples.map(({ document }) => document);
    const [{ train, test }] = stratifiedKFold(labels, 4, { seed, groups });
    const pick = (places: readonly number[]): LabelledText[] =>
      places.map((i) => ({ text: examples[i].text, label: examples[i].label }));
    return { train: pick(train), test: pick(test) };
  }
}
