import { readFileSync } from 'node:fs';

export interface ClassificationCase {
  labels: string[];
  expected: string[];
  predicted: string[];
  rival: string[];
  confusion: number[][];
  precision: number[];
  recall: number[];
  f1: number[];
  support: number[];
  accuracy: number;
  accuracyError: number;
  macroF1: number;
  macroF1Error: number;
  microF1: number;
  firstTwoMacroF1: number;
  firstTwoMicroF1: number;
  matthews: number;
  mcnemar: { onlyA: number; onlyB: number; pValue: number };
  pairedAccuracy: { difference: number; standardError: number; interval: [number, number] };
}

export interface LanguageCase {
  loss: number[];
  tokens: number[];
  bytes: number[];
  meanLoss: [number, number, number];
  perplexity: [number, number];
  bitsPerByte: [number, number, number];
}

/** Made by tools/golden/eval/metrics.py with scikit-learn, scipy and numpy. */
export const golden = JSON.parse(
  readFileSync(new URL('./golden/metrics.json', import.meta.url), 'utf8'),
) as { classification: Record<string, ClassificationCase>; language: LanguageCase };
