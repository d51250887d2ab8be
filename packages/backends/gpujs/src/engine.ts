import type { Device } from './device.js';
import { Faults } from './faults.js';
import { HostDevice } from './host-device.js';
import { KernelCache } from './kernel-cache.js';
import { type GpuLibrary, loadLibrary } from './library.js';
import type { Mode } from './modes.js';
import { WebGLDevice } from './webgl-device.js';
import { WebGPUDevice } from './webgpu-device.js';

/** What computes in one mode: an instance of gpu.js with its compiled kernels. */
export interface Engine {
  /** The device as one backend sees it. */
  open(): Device;
  /** Most elements of one array. */
  readonly maxElements: number;
  /** What computes, in words. */
  readonly description: string;
  /** Resolves if it breaks. */
  readonly broken?: Promise<unknown>;
  close(): Promise<void>;
}

interface Shared {
  readonly engine: Promise<Engine>;
  users: number;
}

/** Engines in use. WebGPU has one device a process in gpu.js, and compiled kernels are worth sharing. */
const engines = new Map<Mode, Shared>();

/** Resolves when an engine of the mode that was closed is gone: a device is not opened beside its end. */
const closing = new Map<Mode, Promise<void>>();

/** The engine of a mode, opened by its first user, and closed by the last that releases it. */
export async function acquireEngine(
  mode: Mode,
): Promise<{ readonly engine: Engine; release(): Promise<void> }> {
  const shared = engines.get(mode) ?? { engine: openEngine(mode), users: 0 };
  engines.set(mode, shared);
  shared.users++;
  const forget = (): void => {
    if (engines.get(mode) === shared) engines.delete(mode);
  };
  try {
    const engine = await shared.engine;
    void engine.broken?.then(forget);
    return {
      engine,
      async release() {
        if (--shared.users > 0) return;
        forget();
        const closed = engine.close();
        closing.set(mode, closed);
        await closed;
      },
    };
  } catch (error) {
    forget();
    throw error;
  }
}

async function openEngine(mode: Mode): Promise<Engine> {
  await closing.get(mode);
  return OPEN[mode](await loadLibrary());
}

const OPEN: { readonly [M in Mode]: (library: GpuLibrary) => Engine | Promise<Engine> } = {
  cpu: (library) => {
    const gpu = new library.GPU({ mode: 'cpu' });
    const device = new HostDevice(new KernelCache(gpu, false));
    return {
      open: () => device,
      maxElements: 2 ** 30,
      description: 'JavaScript, one thread',
      close: () => gpu.destroy(),
    };
  },
  webasm: (library) => {
    const gpu = new library.GPU({ mode: 'webasm' });
    const device = new HostDevice(new KernelCache(gpu, false));
    return {
      open: () => device,
      // The arguments and the result of a kernel share one memory, which signed integers address.
      maxElements: 2 ** 26,
      description: 'WebAssembly, one thread',
      close: () => gpu.destroy(),
    };
  },
  gpu: (library) => {
    const gpu = new library.GPU({ mode: 'gpu' });
    const device = new WebGLDevice(new KernelCache(gpu, true));
    return {
      open: () => device,
      // Shaders find texels with f32 arithmetic.
      maxElements: 2 ** 24,
      description: 'WebGL',
      close: () => gpu.destroy(),
    };
  },
  webgpu: async (library) => {
    const context = await library.WebGPUContext.acquire();
    const gpu = new library.GPU({ mode: 'webgpu' });
    const { limits, lost } = context.device;
    const kernels = new KernelCache(gpu, true);
    const { description, device } = context.adapter.info ?? {};
    // gpu.js would print errors. Each is told of already: by gpu.js when it compiles, else by the scope around it.
    context.device.onuncapturederror = () => {};
    return {
      open: () => {
        const faults = new Faults(context.device);
        return new WebGPUDevice({ library, context, kernels, faults, live: 0 });
      },
      maxElements: Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize) / 4,
      description: `WebGPU on ${description || device || 'an unnamed device'}`,
      broken: lost,
      async close() {
        await gpu.destroy();
        context.device.destroy();
        await lost;
      },
    };
  },
};
