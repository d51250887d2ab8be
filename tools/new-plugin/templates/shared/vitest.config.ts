import { defineConfig } from 'vitest/config';

/** A device may compile its kernels in the first test that needs them. */
export default defineConfig({ test: { testTimeout: 60_000 } });
