import type { PluginKind } from '../src/index.js';

interface Break {
  readonly file: string;
  /** What stands in the file, once, … */
  readonly right: string;
  /** … and what makes the part wrong in its place. */
  readonly wrong: string;
  /** A test that must tell. */
  readonly fails: RegExp;
}

/** One mistake for each kind, such as its author might make. */
export const BREAKS: { readonly [K in PluginKind]: Break } = {
  backend: {
    file: 'src/elementwise.ts',
    right: 'sub: (a, b) => a - b',
    wrong: 'sub: (a, b) => b - a',
    fails: /sub values/,
  },
  source: {
    file: 'src/lines.ts',
    right: 'line <= after',
    wrong: 'line < after',
    fails: /resume after any cursor/,
  },
  stage: {
    file: 'src/redact-emails.ts',
    right: 'cursor };',
    wrong: 'cursor: 0 };',
    fails: /cursors/,
  },
  tokenizer: {
    file: 'src/byte-tokenizer.ts',
    right: 'ignoreBOM: true',
    wrong: 'ignoreBOM: false',
    fails: /round trip/,
  },
  architecture: {
    file: 'src/block.ts',
    right: 'causal: true',
    wrong: 'causal: false',
    fails: /changes nothing before it/,
  },
  objective: {
    file: 'src/smoothed-causal-lm.ts',
    right: 'mul(ofTarget, 1 - smoothing)',
    wrong: 'mul(ofTarget, smoothing)',
    fails: /finite differences/,
  },
  task: {
    file: 'src/reversal.ts',
    right: 'splitNumber(split) * size',
    wrong: 'splitNumber(split)',
    fails: /two splits/,
  },
  metric: {
    file: 'src/edit-similarity.ts',
    right: 'a.sumOfSquares + b.sumOfSquares',
    wrong: 'a.sumOfSquares',
    fails: /merges any two parts/,
  },
  optimizer: {
    file: 'src/signum.ts',
    right: 'select(finite, moved, param)',
    wrong: 'moved',
    fails: /changes nothing by a scale of NaN/,
  },
  callback: {
    file: 'src/stop-below.ts',
    right: 'inRow + 1 : 0',
    wrong: 'inRow + 1 : inRow',
    fails: /in a row/,
  },
};
