import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { tokenizerFromJson } from '@heddle/tokenizer';

/** The ids of a text without special tokens. */
export type Encode = (text: string) => ArrayLike<number>;

/** A library: its version, and an encoder of a tokenizer.json, or why it has none for it. */
export interface Library {
  version(peers: string): string;
  load(vocabulary: string, path: string, peers: string): Promise<Encode>;
}

const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

export const LIBRARIES: ReadonlyMap<string, Library> = new Map<string, Library>([
  [
    'heddle',
    {
      version: () => `Node ${process.version}`,
      load: async (_vocabulary, path) => {
        const tokenizer = tokenizerFromJson(json(path));
        const options = { addSpecialTokens: false, truncation: false, padding: false } as const;
        return (text) => tokenizer.encode(text, options).ids;
      },
    },
  ],
  [
    '@huggingface/tokenizers',
    {
      version: (peers) => versionOf('@huggingface/tokenizers', peers),
      load: async (_vocabulary, path, peers) => {
        const { Tokenizer } = await imported<{
          Tokenizer: new (
            json: unknown,
            config: object,
          ) => { encode(text: string, options: object): { ids: number[] } };
        }>('@huggingface/tokenizers', peers);
        const tokenizer = new Tokenizer(json(path), {});
        return (text) => tokenizer.encode(text, { add_special_tokens: false }).ids;
      },
    },
  ],
  [
    'gpt-tokenizer',
    {
      version: (peers) => versionOf('gpt-tokenizer', peers),
      load: async (vocabulary, _path, peers) => {
        const name = ranksOf(vocabulary);
        const { encode } = await imported<{ encode: Encode }>(
          `gpt-tokenizer/encoding/${name}`,
          peers,
        );
        return encode;
      },
    },
  ],
  [
    'js-tiktoken',
    {
      version: (peers) => versionOf('js-tiktoken', peers),
      load: async (vocabulary, _path, peers) => {
        const name = ranksOf(vocabulary);
        const { Tiktoken } = await imported<{
          Tiktoken: new (
            ranks: object,
          ) => { encode(text: string, allowed: string[], disallowed: string[]): number[] };
        }>('js-tiktoken/lite', peers);
        const ranks = await imported<{ default: object }>(`js-tiktoken/ranks/${name}`, peers);
        const tokenizer = new Tiktoken(ranks.default);
        return (text) => tokenizer.encode(text, [], []);
      },
    },
  ],
]);

/** The vocabularies that come with packages for OpenAI's models. */
function ranksOf(vocabulary: string): string {
  const name = { gpt2: 'r50k_base', cl100k: 'cl100k_base', o200k: 'o200k_base' }[vocabulary];
  if (name === undefined) throw new Error('does not have this vocabulary');
  return name;
}

async function imported<Module>(name: string, peers: string): Promise<Module> {
  const { resolve } = createRequire(join(peers, 'package.json'));
  const module = await import(pathToFileURL(resolve(name)).href);
  return { ...module.default, ...module } as Module;
}

function versionOf(name: string, peers: string): string {
  const { version } = json(join(peers, 'node_modules', name, 'package.json')) as {
    version: string;
  };
  return `${version}, Node ${process.version}`;
}
