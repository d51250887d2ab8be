import type { Awaitable, Backend } from '@heddle/core';
import { HeddleError } from '@heddle/core';
import { cpu } from '@heddle/cpu';
import { gpujs } from '@heddle/gpujs';
import { tfjsCuda } from '@heddle/tfjs-cuda';
import '../../../packages/backends/gpujs/test/swiftshader.js';

/** A backend in one of its modes. */
export interface Candidate {
  readonly name: string;
  readonly make: () => Awaitable<Backend>;
}

/** A mode that cannot serve on this machine. */
export interface Absent {
  readonly name: string;
  readonly reason: string;
}

const ALL: readonly Candidate[] = [
  ...(['native', 'wasm', 'reference'] as const).map((kernels) => ({
    name: `cpu ${kernels}`,
    make: () => cpu({ kernels }),
  })),
  ...(['tensorflow', 'webgpu', 'wasm', 'cpu'] as const).map((engine) => ({
    name: `tfjs-cuda ${engine}`,
    make: () => tfjsCuda({ engine }),
  })),
  ...(['webgpu', 'webasm', 'cpu'] as const).map((mode) => ({
    name: `gpujs ${mode}`,
    make: () => gpujs({ mode }),
  })),
];

/** All backends and modes of this repository, told apart by whether they can serve here. */
export async function candidates(): Promise<{ here: Candidate[]; absent: Absent[] }> {
  const here: Candidate[] = [];
  const absent: Absent[] = [];
  for (const candidate of ALL) {
    try {
      const backend = await candidate.make();
      await backend[Symbol.asyncDispose]();
      here.push(candidate);
    } catch (error) {
      if (!HeddleError.is(error)) throw error;
      absent.push({ name: candidate.name, reason: error.message });
    }
  }
  return { here, absent };
}
