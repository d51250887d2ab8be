import { openCpu } from './cpu.js';
import type { Engine } from './names.js';
import { isOpen, type OpenEngine, type Opening, type Refusal } from './open-engine.js';
import { quietly } from './quietly.js';
import { openTensorflow } from './tensorflow.js';
import { openWasm } from './wasm.js';
import { openWebgpu } from './webgpu.js';

const OPENERS: { readonly [E in Engine]: () => Promise<Opening> } = {
  tensorflow: openTensorflow,
  webgpu: openWebgpu,
  wasm: openWasm,
  cpu: openCpu,
};

/** What was opened or is being opened; tfjs has one of each engine for the whole process. */
const opened = new Map<Engine, Promise<Opening>>();

/** The engine if it can serve, else why not; asked again after a refusal, it tries again. */
export async function openEngine(engine: Engine): Promise<Opening> {
  const known = opened.get(engine);
  if (known !== undefined) return known;
  const opening = quietly(OPENERS[engine]).catch(
    (error: unknown): Refusal => ({
      engine,
      reason: error instanceof Error ? error.message : String(error),
      remedy: 'npm install @heddle/tfjs-cuda again',
    }),
  );
  opened.set(engine, opening);
  const result = await opening;
  if (!isOpen(result)) opened.delete(engine);
  return result;
}

/** The engine that serves best, and why each better one does not. */
export interface Choice {
  readonly chosen: OpenEngine;
  readonly passed: readonly Refusal[];
}

/**
 * A graphics processor before everything else, by libtensorflow (whose kernels are the oldest and fastest)
 * before WebGPU; then libtensorflow on the processor, which has all its cores and vectors; then
 * WebAssembly; then JavaScript.
 */
export async function chooseEngine(): Promise<Choice> {
  const passed: Refusal[] = [];
  const tensorflow = await openEngine('tensorflow');
  if (isOpen(tensorflow) && tensorflow.gpu) return { chosen: tensorflow, passed };
  passed.push(isOpen(tensorflow) ? noCuda(tensorflow) : tensorflow);
  const webgpu = await openEngine('webgpu');
  if (isOpen(webgpu) && webgpu.gpu) return { chosen: webgpu, passed };
  passed.push(isOpen(webgpu) ? softwareOnly(webgpu) : webgpu);
  if (isOpen(tensorflow)) return { chosen: tensorflow, passed };
  const wasm = await openEngine('wasm');
  if (isOpen(wasm)) return { chosen: wasm, passed };
  passed.push(wasm);
  const cpu = await openEngine('cpu');
  if (isOpen(cpu)) return { chosen: cpu, passed };
  throw new Error(cpu.reason);
}

function noCuda({ what }: OpenEngine): Refusal {
  const reason = `no CUDA device, but ${what}`;
  const remedy = what.includes('tfjs-node-gpu')
    ? 'install the NVIDIA driver, and CUDA and cuDNN of the versions that its libtensorflow wants'
    : 'npm install @tensorflow/tfjs-node-gpu@4.22';
  return { engine: 'tensorflow', reason, remedy };
}

function softwareOnly({ what }: OpenEngine): Refusal {
  const reason = `no graphics processor, but ${what}, which is slower than wasm`;
  return { engine: 'webgpu', reason, remedy: 'install the driver of the graphics processor' };
}
