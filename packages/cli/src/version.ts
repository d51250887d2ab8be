import { createRequire } from 'node:module';

const manifest: { version: string } = createRequire(import.meta.url)('../package.json');

/** The version of this package, as in its package.json. */
export const version: string = manifest.version;
