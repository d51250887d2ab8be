import { provideWebGPU } from './dawn.js';
import { type GpuLibrary, loadLibrary } from './library.js';

/** The modes of gpu.js that compute. */
export const MODES = ['webgpu', 'gpu', 'webasm', 'cpu'] as const;

export type Mode = (typeof MODES)[number];

/** Why a mode cannot serve, and what mends it. */
export interface Obstacle {
  readonly reason: string;
  readonly remedy: string;
}

const VULKAN =
  'Install a Vulkan driver: the one of the graphics card, Mesa 25 or newer, or SwiftShader (Debian: apt-get install ' +
  'chromium-common, then run with VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json LD_LIBRARY_PATH=/usr/lib/chromium)';

const INSTALL_GL = 'npm install gl (it may need a C++ compiler, Python and the headers of X11)';

const CHECKS: { readonly [M in Mode]: (library: GpuLibrary) => Promise<Obstacle | undefined> } = {
  webgpu: async (library) => {
    const missing = await provideWebGPU();
    if (missing) return missing;
    if (await library.GPU.isWebGPUAvailable()) return undefined;
    return { reason: 'there is no WebGPU adapter', remedy: VULKAN };
  },
  gpu: async ({ GPU }) => {
    if (GPU.isWebGLSupported) return undefined;
    const failure = await failureToLoad('gl');
    if (failure) return { reason: `the package gl does not load (${failure})`, remedy: INSTALL_GL };
    if (GPU.isHeadlessGLSupported) return undefined;
    return { reason: 'the package gl opens no context', remedy: 'Run it under xvfb-run' };
  },
  webasm: async (library) =>
    library.GPU.isWebAssemblySupported
      ? undefined
      : { reason: 'there is no WebAssembly', remedy: 'Run an engine that has it, such as Node' },
  cpu: async () => undefined,
};

/** What keeps a mode from serving here; undefined if nothing does. */
export async function obstacleTo(mode: Mode): Promise<Obstacle | undefined> {
  return CHECKS[mode](await loadLibrary());
}

/**
 * The modes that are tried where none is asked for: WebGPU on a graphics processor, WebAssembly, JavaScript.
 * WebGPU in software is slower than WebAssembly, and WebGL has been tried by nobody.
 */
export async function preferredModes(): Promise<readonly Mode[]> {
  const graphics = (await obstacleTo('webgpu')) === undefined && !(await isSoftware());
  return graphics ? ['webgpu', 'webasm', 'cpu'] : ['webasm', 'cpu'];
}

interface Adapter {
  readonly info?: {
    readonly architecture?: string;
    readonly description?: string;
    readonly isFallbackAdapter?: boolean;
  };
}

/** Whether WebGPU computes on the processor. */
async function isSoftware(): Promise<boolean> {
  const { navigator } = globalThis as {
    navigator?: { gpu?: { requestAdapter(): Promise<Adapter | null> } };
  };
  const info = (await navigator?.gpu?.requestAdapter())?.info;
  const names = `${info?.architecture ?? ''} ${info?.description ?? ''}`;
  return info?.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe/i.test(names);
}

/** Why a package does not load, in a line; undefined if it does. */
async function failureToLoad(name: string): Promise<string | undefined> {
  try {
    await import(name);
    return undefined;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).split('\n')[0];
  }
}
