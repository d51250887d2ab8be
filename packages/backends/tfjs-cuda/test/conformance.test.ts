import { backendSuite } from '@heddle/testkit';
import { describe, it } from 'vitest';
import { tfjsCuda } from '../src/index.js';
import { WAIVERS } from '../src/waivers.js';
import { ENGINES } from './engines.js';

for (const { engine, without } of ENGINES) {
  if (without !== undefined) {
    it(engine, (test) => test.skip(without));
    continue;
  }
  describe(engine, () => {
    backendSuite({
      runner: { describe, it },
      create: () => tfjsCuda({ engine }),
      waivers: WAIVERS[engine],
    });
  });
}
