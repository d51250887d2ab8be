import { HeddleError } from '@heddle/core';
import type { KernelBackend } from '@tensorflow/tfjs-core';
import type { Opening, Refusal } from './open-engine.js';
import { findPackage, importPackage, wrongVersion } from './packages.js';
import { registeredBackend } from './registered.js';

const PACKAGE = '@tensorflow/tfjs-backend-webgpu';

/** As much of WebGPU as is asked for here. */
interface Gpu {
  requestAdapter(): Promise<{ readonly info?: AdapterInfo } | null>;
}
interface AdapterInfo {
  readonly architecture?: string;
  readonly description?: string;
  readonly isFallbackAdapter?: boolean;
}
interface Device {
  readonly limits: { readonly maxStorageBufferBindingSize: number };
  readonly lost: Promise<{ readonly message: string }>;
  addEventListener(
    event: 'uncapturederror',
    listener: (event: { readonly error: { readonly message: string } }) => void,
  ): void;
}
interface WebGpuBackend extends KernelBackend {
  readonly device: Device;
  readonly commandEncoder: unknown;
  readonly queue: { onSubmittedWorkDone(): Promise<void> };
  endComputePassEncoder(): void;
  submitQueue(): void;
}

/** WebGPU by `navigator.gpu`, or where there is none, as in Node, by Dawn out of the package webgpu. */
export async function openWebgpu(): Promise<Opening> {
  const own = findPackage(PACKAGE);
  if (own === undefined) {
    return refused(`${PACKAGE} is not installed`, `npm install ${PACKAGE}@4.22 webgpu`);
  }
  const wrong = wrongVersion(own);
  if (wrong !== undefined) return refused(wrong, `npm install ${PACKAGE}@4.22`);
  const gpu = navigatorGpu() ?? (await createDawn());
  if ('reason' in gpu) return gpu;
  const adapter = await gpu.requestAdapter();
  if (adapter === null) {
    return refused('WebGPU finds no adapter', 'install a Vulkan driver for the graphics processor');
  }
  if (gpu !== navigatorGpu()) expose(gpu);
  await importPackage(own);
  const backend = (await registeredBackend('webgpu')) as WebGpuBackend;
  const { description = '', architecture = '', isFallbackAdapter = false } = adapter.info ?? {};
  const software = isFallbackAdapter || /swiftshader|llvmpipe/i.test(architecture + description);
  return {
    engine: 'webgpu',
    backend,
    what: `WebGPU on ${description || architecture || 'an adapter'}${software ? ' (software)' : ''}`,
    gpu: !software,
    limits: { maxElements: Math.floor(backend.device.limits.maxStorageBufferBindingSize / 4) },
    sync: synchronization(backend),
  };
}

/** Waits for the device, and throws what it has complained of, which tfjs does not look at. */
function synchronization(backend: WebGpuBackend): () => Promise<void> {
  const { device, queue } = backend;
  const complaints: Error[] = [];
  device.addEventListener('uncapturederror', ({ error }) => {
    complaints.push(new Error(error.message));
  });
  let lost: HeddleError | undefined;
  void device.lost.then(({ message: reason }) => {
    lost = new HeddleError(
      'device-lost',
      `tfjs-cuda (webgpu): the device is gone: ${reason}. Begin again in a new process, from the last checkpoint.`,
      { backend: 'tfjs-cuda (webgpu)', reason },
    );
  });
  return async () => {
    if (backend.commandEncoder) {
      backend.endComputePassEncoder();
      backend.submitQueue();
    }
    await queue.onSubmittedWorkDone();
    if (lost) throw lost;
    const [first] = complaints.splice(0);
    if (first) throw first;
  };
}

function navigatorGpu(): Gpu | undefined {
  const { navigator } = globalThis as { navigator?: { gpu?: Gpu } };
  return navigator?.gpu;
}

/** Kept here, as Dawn ends when nothing refers to what `create` gave. */
let dawn: Gpu | undefined;

async function createDawn(): Promise<Gpu | Refusal> {
  if (dawn) return dawn;
  const own = findPackage('webgpu');
  if (own === undefined) {
    return refused('there is no navigator.gpu, and webgpu is not installed', 'npm install webgpu');
  }
  try {
    const { create, globals } = (await importPackage(own)) as {
      create(flags: readonly string[]): Gpu;
      globals: object;
    };
    Object.assign(globalThis, globals);
    dawn = create([]);
    return dawn;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return refused(`Dawn does not load: ${reason}`, 'npm install webgpu@latest');
  }
}

/** Puts Dawn where tfjs looks for WebGPU. */
function expose(gpu: Gpu): void {
  const { navigator } = globalThis as { navigator?: object };
  const holder = navigator ?? {};
  Object.defineProperty(holder, 'gpu', { value: gpu, configurable: true });
  if (navigator === undefined)
    Object.defineProperty(globalThis, 'navigator', { value: holder, configurable: true });
}

const refused = (reason: string, remedy: string): Refusal => ({ engine: 'webgpu', reason, remedy });
