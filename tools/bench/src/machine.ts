import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LineProcess } from './worker.js';

/** FLOP/s of multiply-adds in registers, bytes/s through the memory. */
export type Limit = 'f32' | 'bf16' | 'read' | 'copy';

/** What the processor can do at most, measured by native/machine.c. */
export interface Machine {
  measure(limit: Limit): Promise<number>;
  end(): Promise<void>;
}

/** Compiles native/machine.c for this processor with `$CC` or `cc`, and starts it. */
export async function startMachine(threads: number): Promise<Machine> {
  const folder = await mkdtemp(join(tmpdir(), 'heddle-bench-'));
  try {
    const source = fileURLToPath(new URL('../native/machine.c', import.meta.url));
    const program = join(folder, 'machine');
    const flags = ['-O3', '-march=native', '-pthread', source, '-o', program];
    await promisify(execFile)(process.env.CC ?? 'cc', flags);
    const lines = new LineProcess('machine', [program, String(threads)], process.env);
    return {
      measure: async (limit) => Number(await lines.ask(limit)),
      async end() {
        await lines.end();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}
