import { createRequire } from 'node:module';

const manifest: { version: string } = createRequire(import.meta.url)('../package.json');

/** The version of this package, which is that of all packages of Heddle. */
export const version: string = manifest.version;
