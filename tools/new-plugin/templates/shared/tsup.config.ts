import { defineConfig } from 'tsup';

/** One ES module. Declarations come from `tsc`, file by file, which keeps `declare module` as it was written. */
export default defineConfig({
  entry: ['src/index.ts'],
  format: 'esm',
  target: 'node20',
  platform: 'node',
  sourcemap: true,
  clean: true,
});
