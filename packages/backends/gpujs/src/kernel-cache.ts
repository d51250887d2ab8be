import { functionsFor } from './kernels/functions.js';
import type { GpuInstance, RunnableKernel } from './library.js';
import type { Program } from './program.js';

/** A kernel of gpu.js, and whether it is compiled. */
export interface CachedKernel {
  readonly kernel: RunnableKernel;
  /** Resolves when it is compiled, on a device where that takes a while. */
  building?: Promise<void> | undefined;
  built: boolean;
}

/** More turns than any loop of a kernel takes; gpu.js cuts loops after 1000 if it is not told. */
const MOST_TURNS = 2 ** 30;

/** WebAssembly is compiled for each size; a training step meets this many of one kernel, or fewer. */
const MODULES = 32;

/** The kernels of one instance of gpu.js, by their source: those compiled once serve every size. */
export class KernelCache {
  readonly #kernels = new Map<string, CachedKernel>();

  constructor(
    readonly gpu: GpuInstance,
    /** Whether kernels are shaders, whose functions are fast, less exact, and careless with NaN. */
    private readonly shaders: boolean,
  ) {}

  /** The kernel of a program. Its output's number of axes is compiled in, the sizes are not. */
  find(program: Program, output: readonly number[]): CachedKernel {
    const { source } = program;
    const key = `${output.length} ${source}`;
    const known = this.#kernels.get(key);
    if (known) return known;
    const kernel = this.gpu.createKernel(source, {
      output,
      argumentTypes: program.arguments.map(({ kind, value }) => {
        if (kind === 'array') return 'type' in value.data ? value.data.type : 'Array';
        return kind === 'integer' ? 'Integer' : 'Number';
      }),
      functions: functionsFor(source, this.shaders),
      pipeline: true,
      immutable: true,
      dynamicOutput: true,
      dynamicArguments: true,
      loopMaxIterations: MOST_TURNS,
      precision: 'single',
    });
    if (kernel.kernel.moduleCacheLimit !== undefined) kernel.kernel.moduleCacheLimit = MODULES;
    const cached: CachedKernel = { kernel, built: false };
    this.#kernels.set(key, cached);
    return cached;
  }

  /** Forgets a kernel that could not be compiled. */
  forget(cached: CachedKernel): void {
    for (const [key, known] of this.#kernels) if (known === cached) this.#kernels.delete(key);
  }
}

/** What a program hands to its kernel. */
export function argumentsOf(program: Program): unknown[] {
  return program.arguments.map(({ kind, value }) => (kind === 'array' ? value.data : value));
}
