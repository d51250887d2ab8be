import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Backend, HeddleError } from '@heddle/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeTfjs, type Engine, plugin, tfjsCuda } from '../src/index.js';

/** What `action` throws. */
async function thrown(action: () => unknown): Promise<HeddleError> {
  try {
    await action();
  } catch (error) {
    if (HeddleError.is(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-tfjs-'));
  vi.stubEnv('HEDDLE_TFJS_NODE', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** Installs a package that does nothing but run this code. */
async function install(name: string, version: string, code: string): Promise<void> {
  const at = join(folder, 'node_modules', name);
  await mkdir(at, { recursive: true });
  await writeFile(join(at, 'package.json'), JSON.stringify({ name, version, main: 'index.js' }));
  await writeFile(join(at, 'index.js'), code);
}

const refusal = (engine: Engine): Promise<HeddleError> => thrown(() => tfjsCuda({ engine }));

describe('an engine that cannot serve', () => {
  it('says that its package is missing, and how to get it', async () => {
    for (const [engine, command] of [
      ['tensorflow', 'npm install @tensorflow/tfjs-node-gpu@4.22'],
      ['webgpu', 'npm install @tensorflow/tfjs-backend-webgpu@4.22 webgpu'],
    ] as const) {
      const error = await refusal(engine);
      expect(error.code).toBe('tfjs/no-engine');
      expect(error.details).toMatchObject({ engine });
      expect(error.message).toContain('installed');
      expect(error.message).toContain(command);
    }
  });

  it('says that it is of another version', async () => {
    await install('@tensorflow/tfjs-node', '3.21.0', '');
    await install('@tensorflow/tfjs-backend-webgpu', '5.0.0', '');
    expect((await refusal('tensorflow')).message).toContain(
      '@tensorflow/tfjs-node is of version 3.21.0, and this package is written for 4.22',
    );
    expect((await refusal('webgpu')).message).toContain('5.0.0');
  });

  it('says that its addon was not built', async () => {
    const message = 'The Node.js native addon module (tfjs_binding.node) can not be found';
    await install('@tensorflow/tfjs-node', '4.22.0', `throw new Error('${message}\\nmore');`);
    const error = await refusal('tensorflow');
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('more');
    expect(error.message).toContain('npm rebuild @tensorflow/tfjs-node --build-addon-from-source');
  });

  it('says that Dawn does not load', async () => {
    await install('@tensorflow/tfjs-backend-webgpu', '4.22.0', '');
    await install('webgpu', '0.6.2', `throw new Error('no dawn.node')`);
    const { message } = await refusal('webgpu');
    expect(message).toContain('no dawn.node');
    expect(message).toContain('npm install webgpu');
  });
});

describe('the choice', () => {
  it('is the best engine, and the description says why not a better one', async () => {
    const backend = await tfjsCuda();
    expect(backend.engine).toBe('wasm');
    expect(backend.description).toMatch(/^wasm: .*not tensorflow: .*npm install.*not webgpu: /);
    const { engine, what, passed } = await describeTfjs();
    expect(engine).toBe('wasm');
    expect(what).toContain('WebAssembly');
    expect(passed.map((one) => one.engine)).toEqual(['tensorflow', 'webgpu']);
    for (const { reason, remedy } of passed) expect(reason && remedy).toContain('npm install');
  });
});

describe('options', () => {
  it('are checked, with a suggestion', async () => {
    const engine = await thrown(() => tfjsCuda({ engine: 'wsam' as Engine }));
    expect(engine.code).toBe('invalid-argument');
    expect(engine.message).toContain('Did you mean "wasm"?');
    const create = plugin.backends?.['tfjs-cuda'];
    const key = await thrown(() => create?.({ engin: 'cpu' }));
    expect(key.message).toContain('Did you mean "engine"?');
    expect((await thrown(() => create?.({ engine: 3 }))).code).toBe('invalid-argument');
    const backend = await create?.({ engine: 'cpu' });
    expect(backend?.name).toBe('tfjs-cuda (cpu)');
  });
});

describe('several engines at once', () => {
  const sum = (backend: Backend, from: number): Promise<ArrayLike<number>> => {
    const x = backend.alloc(2, 'f32');
    backend.write(x, Float32Array.of(from, from + 1));
    const view = { buffer: x, shape: [2] };
    for (let i = 0; i < 3; i++) backend.run({ kind: 'add' }, [view, view], [view]);
    return backend.read(x);
  };

  it('compute each on its own, also while another is opened', async () => {
    const cpu = await tfjsCuda({ engine: 'cpu' });
    const opening = Promise.all([1, 2].map(() => tfjsCuda({ engine: 'wasm' })));
    const first = sum(cpu, 1);
    const [wasm, again] = await opening;
    const results = await Promise.all([first, sum(wasm, 2), sum(cpu, 3), sum(again, 4)]);
    expect(results.map((x) => Array.from(x))).toEqual([
      [8, 16],
      [16, 24],
      [24, 32],
      [32, 40],
    ]);
  });

  it("leave a program's own use of tfjs alone", async () => {
    const wasm = await tfjsCuda({ engine: 'wasm' });
    await tfjsCuda({ engine: 'cpu' });
    await tf.setBackend('cpu');
    const own = tf.tensor1d([1, 2]);
    let numbers: Promise<ArrayLike<number>> | undefined;
    tf.tidy(() => {
      numbers = sum(wasm, 1);
    });
    expect(tf.getBackend()).toBe('cpu');
    expect(Array.from((await numbers) ?? [])).toEqual([8, 16]);
    expect(Array.from(await tf.add(own, 1).data())).toEqual([2, 3]);
    own.dispose();
  });
});
