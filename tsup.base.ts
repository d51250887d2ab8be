import { defineConfig, type Options } from 'tsup';

/**
 * How every package is bundled: one ES module per entry, for Node 20.19 and later.
 * Declarations are emitted file by file by `tsc` (see each package's `build` script),
 * which keeps the declaration merging that plug-ins rely on.
 */
export function bundle(overrides: Options = {}): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry: ['src/index.ts'],
    format: 'esm',
    target: 'node20',
    platform: 'node',
    sourcemap: true,
    clean: true,
    dts: false,
    splitting: true,
    silent: true,
    treeshake: false,
    ...overrides,
  });
}
