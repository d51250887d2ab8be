import type { CharacterText } from './characters.js';
import { isOneScript, scriptsOf } from './scripts.js';
import { SubstringTree } from './substring-tree.js';
import { TokenEdges } from './token-edges.js';

export interface SeedOptions {
  /** Characters of a token at most. */
  readonly maxTokenLength: number;
  /** Tokens to begin with at most, beside the characters. */
  readonly seedSize: number;
  /** No token has characters of several scripts. */
  readonly splitByScript: boolean;
}

export interface Seed {
  /** By token: a position where it stands, and its characters. The first tokens are the single characters. */
  readonly positions: Int32Array;
  readonly lengths: Uint8Array;
  /** By token: how many characters of the corpus it covers. */
  readonly coverage: Float64Array;
  readonly edges: TokenEdges;
}

/** The tokens that training begins with: all characters, and the substrings that cover the most characters. */
export function seedTokens(characters: CharacterText, options: SeedOptions): Seed {
  const { text } = characters;
  const tree = new SubstringTree(characters, options.maxTokenLength);
  const nodes = seedNodes(tree, characters, options);
  const singles = characters.characters.length;
  const size = singles + nodes.length;
  const positions = new Int32Array(size);
  const lengths = new Uint8Array(size).fill(1, 0, singles);
  const coverage = new Float64Array(size);
  let start = 0;
  for (const [word, end] of characters.ends.entries()) {
    for (let at = start; at < end; at++) {
      positions[text[at]] = at;
      coverage[text[at]] += characters.counts[word];
    }
    start = end;
  }
  /** By node: the token that it is, or -1. */
  const tokens = new Int32Array(tree.size).fill(-1);
  for (const [i, node] of nodes.entries()) {
    const token = singles + i;
    tokens[node] = token;
    positions[token] = tree.positions[node];
    lengths[token] = tree.lengths[node];
    coverage[token] = tree.counts[node] * tree.lengths[node];
  }
  return { positions, lengths, coverage, edges: new TokenEdges(text, tree, tokens, lengths) };
}

/** The nodes of the substrings that become tokens. */
function seedNodes(
  tree: SubstringTree,
  { text, characters }: CharacterText,
  { seedSize, splitByScript }: SeedOptions,
): Int32Array {
  const scripts = scriptsOf(characters);
  const found: number[] = [];
  for (let node = 1; node < tree.size; node++) {
    const start = tree.positions[node];
    const end = start + tree.lengths[node];
    if (end - start < 2 || (splitByScript && !isOneScript(text, start, end, scripts))) continue;
    found.push(node);
  }
  const nodes = Int32Array.from(found);
  if (nodes.length <= seedSize) return nodes;
  const coverage = (node: number): number => tree.counts[node] * tree.lengths[node];
  return nodes.sort((a, b) => coverage(b) - coverage(a) || a - b).slice(0, seedSize);
}
