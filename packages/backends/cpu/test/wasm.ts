import { CpuBackend } from '../src/backend.js';
import { nativeKernels } from '../src/native/index.js';
import { referenceKernels } from '../src/reference/index.js';
import { moduleFile, type WasmFeatures, wasmFeatures } from '../src/wasm/module.js';
import { openWasm } from '../src/wasm/node.js';

/** The modules that this engine runs, by name; none, with a reason, where they were not built. */
export function runnableModules(): {
  readonly modules: readonly (WasmFeatures & { readonly name: string })[];
  readonly reason: string;
} {
  const library = openWasm({ threads: 1 });
  if ('reason' in library) {
    console.log(`tests of WebAssembly kernels are skipped: ${library.reason}`);
    return { modules: [], reason: library.reason };
  }
  library.close();
  const engine = wasmFeatures();
  const modules = [true, false].flatMap((shared) =>
    [false, true].map((relaxed) => ({ shared, relaxed, name: moduleFile({ shared, relaxed }) })),
  );
  return { modules: modules.filter(({ relaxed }) => engine.relaxed || !relaxed), reason: '' };
}

/** A backend on the kernels of one module. */
export function wasmBackend(features: WasmFeatures, threads: number): CpuBackend {
  const library = openWasm({ threads, features });
  if ('reason' in library) throw new Error(library.reason);
  return new CpuBackend(
    nativeKernels(library, referenceKernels),
    library.path,
    library.memory,
    library.close,
  );
}
