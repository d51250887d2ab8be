import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import type { Opening, Refusal } from './open-engine.js';
import { findPackage, type InstalledPackage, importPackage, wrongVersion } from './packages.js';

const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];

/** What its backend has beyond those of other engines. */
interface NodeBackend extends tf.KernelBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

/**
 * libtensorflow by the addon of @tensorflow/tfjs-node-gpu or @tensorflow/tfjs-node, where one of them is
 * installed beside this package or in the folder that HEDDLE_TFJS_NODE names.
 */
export async function openTensorflow(): Promise<Opening> {
  const refusals: Refusal[] = [];
  const found = PACKAGES.flatMap((name) => findPackage(name) ?? []);
  for (const one of found) {
    const refusal = await load(one);
    if (refusal === undefined) return describe(one);
    refusals.push(refusal);
  }
  return refusals[0] ?? missing();
}

function missing(): Refusal {
  return {
    engine: 'tensorflow',
    reason: `neither ${PACKAGES.join(' nor ')} is installed`,
    remedy: `npm install ${PACKAGES[0]}@4.22 where there is a CUDA device, else ${PACKAGES[1]}@4.22`,
  };
}

/** Undefined if it loads. */
async function load(one: InstalledPackage): Promise<Refusal | undefined> {
  const { name } = one;
  const reason = wrongVersion(one);
  if (reason !== undefined) {
    return { engine: 'tensorflow', reason, remedy: `npm install ${name}@4.22` };
  }
  restoreUtil();
  const before: string | undefined = tf.getBackend();
  try {
    await importPackage(one);
    return undefined;
  } catch (error) {
    const [line] = String(error instanceof Error ? error.message : error).split('\n');
    return {
      engine: 'tensorflow',
      reason: `the native addon of ${name} does not load: ${line.trim()}`,
      remedy: `npm rebuild ${name} --build-addon-from-source, or build it as the README of @heddle/tfjs-cuda tells`,
    };
  } finally {
    if (before !== undefined && before !== tf.getBackend()) void tf.setBackend(before);
  }
}

function describe({ name }: InstalledPackage): Opening {
  const backend = tf.findBackend('tensorflow') as NodeBackend;
  const { isUsingGpuDevice: gpu, binding } = backend;
  const where = gpu ? 'a CUDA device' : 'the processor';
  const what = `libtensorflow ${binding.TF_Version} on ${where}, by ${name}`;
  return { engine: 'tensorflow', backend, what, gpu };
}

/** tfjs-node calls functions of node:util that Node 23 took away. */
function restoreUtil(): void {
  const gone: Record<string, (x: unknown) => boolean> = {
    isArray: Array.isArray,
    isNullOrUndefined: (x) => x === null || x === undefined,
  };
  for (const [name, f] of Object.entries(gone)) {
    if (!(name in util)) Object.defineProperty(util, name, { value: f, configurable: true });
  }
}
