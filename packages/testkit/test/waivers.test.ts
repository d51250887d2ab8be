import { describe, expect, it } from 'vitest';
import { backendSuite, type Waiver } from '../src/index.js';
import { type Outcome, outcomes } from './collect-runner.js';
import { MemoryBackend } from './memory-backend.js';

/** Has no swiglu, and accepts a double free. */
class Lacking extends MemoryBackend {
  override supports(...[op]: Parameters<MemoryBackend['supports']>): boolean {
    return op.kind !== 'swiglu' && super.supports(op, 'f32');
  }
  override free(...[buffer]: Parameters<MemoryBackend['free']>): void {
    if (this.buffers.has(buffer as never)) super.free(buffer);
  }
}

const run = (waivers: readonly Waiver[]): Promise<Map<string, Outcome>> =>
  outcomes(
    (runner) => backendSuite({ runner, create: () => new Lacking(), waivers }),
    (id) => /^(lifetime|swiglu|waivers)/.test(id),
  );

describe('waivers', () => {
  it('a waived test that fails is let through, and its reason is shown', async () => {
    const results = await run([{ reason: 'known', tests: ['lifetime > double free is refused'] }]);
    expect(results.get('lifetime > double free is refused (waived: known)')).toBe('passed');
    expect(results.get('lifetime > read after free is refused')).toBe('passed');
    expect(results.get('waivers name tests that exist')).toBe('passed');
  });

  it('a waived test that passes fails', async () => {
    const results = await run([
      { reason: 'old', tests: ['lifetime > read after free is refused'] },
    ]);
    expect(String(results.get('lifetime > read after free is refused (waived: old)'))).toMatch(
      /no longer holds.*old/,
    );
    expect(results.get('lifetime > double free is refused')).toBeInstanceOf(Error);
  });

  it('a waived test that does not apply fails', async () => {
    const results = await run([{ reason: 'none', tests: ['swiglu > values'] }]);
    expect(String(results.get('swiglu > values (waived: none)'))).toMatch(/no longer holds/);
  });

  it('an unknown name fails', async () => {
    const results = await run([{ reason: 'typo', tests: ['lifetime > tripple free'] }]);
    expect(String(results.get('waivers name tests that exist'))).toMatch(
      /"lifetime > tripple free"/,
    );
  });

  it('what is not claimed is skipped', async () => {
    const results = await run([]);
    expect(results.get('swiglu > values')).toBe('skipped');
    expect(results.has('waivers name tests that exist')).toBe(false);
  });
});
