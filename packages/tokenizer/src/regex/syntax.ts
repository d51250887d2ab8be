import type { CodeSet } from '../unicode/code-set.js';

/** A regular expression, read. Groups leave no trace: nothing captures. */
export type Node =
  | { readonly kind: 'set'; readonly set: CodeSet }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  | { readonly kind: 'choice'; readonly options: readonly Node[] }
  | {
      readonly kind: 'repeat';
      readonly node: Node;
      readonly min: number;
      readonly max: number;
      readonly lazy: boolean;
    }
  | {
      readonly kind: 'look';
      readonly node: Node;
      readonly ahead: boolean;
      readonly negated: boolean;
    }
  | { readonly kind: 'atomic'; readonly node: Node }
  | { readonly kind: 'anchor'; readonly at: Anchor };

export type Anchor =
  | 'text start'
  | 'text end'
  | 'last line end'
  /** Oniguruma's `^`: a line break that ends the text begins no line. */
  | 'line start'
  /** Rust's `^`. */
  | 'after line break'
  | 'line end'
  | 'word edge'
  | 'no word edge';

/**
 * Two dialects that tokenizers are written in: Oniguruma with Ruby's syntax is that of `tokenizer.json`;
 * Rust's, with the additions of fancy-regex, that of tiktoken. In Rust's `^` and `$` are the ends of the text, and
 * `{1,3}+` does not give back; in Oniguruma they are the ends of a line, and `+` repeats the repetition.
 */
export type Dialect = 'oniguruma' | 'rust';
