import { HeddleError, nearest } from '@heddle/core';

/** The kinds of parts that a package can be begun with. */
export type PluginKind =
  | 'backend'
  | 'source'
  | 'stage'
  | 'tokenizer'
  | 'architecture'
  | 'objective'
  | 'task'
  | 'metric'
  | 'optimizer'
  | 'callback';

export interface KindInfo {
  /** In a few words, for help and for the package's description. */
  readonly about: string;
  /** Packages of Heddle, beside core, that its sources import. */
  readonly peers: readonly string[];
  /** Packages of Heddle that only its tests and the example of its README import. */
  readonly tests: readonly string[];
}

/** What a package of each kind needs; its template lies in `templates/<kind>`. */
export const KINDS: { readonly [K in PluginKind]: KindInfo } = {
  backend: {
    about: 'where tensors live and operations run',
    peers: [],
    tests: ['tensor', 'testkit'],
  },
  source: { about: 'reads documents', peers: [], tests: ['testkit'] },
  stage: { about: 'changes or drops documents', peers: [], tests: ['testkit'] },
  tokenizer: { about: 'text to ids and back', peers: [], tests: ['testkit'] },
  architecture: {
    about: 'a language model as functions over its parameters',
    peers: ['tensor'],
    tests: ['cpu', 'pretrain', 'testkit'],
  },
  objective: {
    about: 'the loss that training minimises',
    peers: ['pretrain', 'tensor'],
    tests: ['cpu'],
  },
  task: { about: 'examples with their right answers', peers: [], tests: ['eval'] },
  metric: { about: 'how good answers are', peers: [], tests: ['eval'] },
  optimizer: {
    about: 'turns gradients into better parameters',
    peers: ['tensor'],
    tests: ['cpu', 'trainer'],
  },
  callback: {
    about: 'hears of a run, and may stop it',
    peers: [],
    tests: ['cpu', 'tensor', 'trainer'],
  },
};

/** @throws `create/kind` if there is no such kind */
export function checkKind(kind: string): PluginKind {
  if (Object.hasOwn(KINDS, kind)) return kind as PluginKind;
  const known = Object.keys(KINDS);
  const near = nearest(kind, known);
  throw new HeddleError(
    'create/kind',
    `There is no kind of plug-in "${kind}"; ${near ? `did you mean "${near}"? ` : ''}Known: ${known.join(', ')}.`,
    { kind, known },
  );
}

/** One line a kind, for help. */
export function describeKinds(): string {
  const width = Math.max(...Object.keys(KINDS).map((kind) => kind.length));
  return Object.entries(KINDS)
    .map(([kind, { about }]) => `  ${kind.padEnd(width)}  ${about}`)
    .join('\n');
}
