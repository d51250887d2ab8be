import type { HeddleConfig } from './schema.js';

/**
 * Types a configuration where it is written:
 *
 * ```ts
 * // heddle.config.ts
 * import { defineConfig } from '@heddle/cli';
 * export default defineConfig({ run: 'runs/books', corpus: { paths: ['books'] } });
 * ```
 */
export function defineConfig(config: HeddleConfig): HeddleConfig {
  return config;
}
