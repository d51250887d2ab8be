import { KINDS, type PluginKind } from './kinds.js';
import { version } from './version.js';

/** What every generated package is built and tested with. */
const TOOLS = {
  '@changesets/cli': '^2.31.1',
  '@types/node': '^20.19.0',
  tsup: '8.5.1',
  typescript: '5.9.3',
  vitest: '^4.1.12',
};

type Dependencies = { readonly [name: string]: string };

/** The content of the package's package.json. */
export function manifestOf(kind: PluginKind, name: string): string {
  const { about, peers, tests } = KINDS[kind];
  const peerDependencies = heddle(['core', ...peers]);
  const manifest = {
    name,
    version: '0.0.0',
    description: `${kind[0].toUpperCase()}${kind.slice(1)} for Heddle: ${about}.`,
    keywords: ['heddle-plugin', `heddle-${kind}`, 'language-model'],
    license: 'UNLICENSED',
    type: 'module',
    sideEffects: false,
    engines: { node: '>=20.19' },
    files: ['dist'],
    exports: {
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './package.json': './package.json',
    },
    scripts: {
      build: 'tsup && tsc -p tsconfig.build.json',
      test: 'vitest run',
      typecheck: 'tsc',
      prepublishOnly: 'npm run typecheck && npm test && npm run build',
    },
    peerDependencies,
    devDependencies: sorted({ ...peerDependencies, ...heddle(tests), ...TOOLS }),
    publishConfig: { access: 'public' },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Packages of Heddle, in the version of this one. */
function heddle(folders: readonly string[]): Dependencies {
  return Object.fromEntries(folders.map((folder) => [`@heddle/${folder}`, `^${version}`]));
}

function sorted(dependencies: Dependencies): Dependencies {
  return Object.fromEntries(Object.entries(dependencies).sort(([a], [b]) => (a < b ? -1 : 1)));
}
