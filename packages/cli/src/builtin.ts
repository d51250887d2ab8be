import { type Backend, CONTRACT, type Json, type Plugin } from '@heddle/core';
import { type CpuOptions, cpu } from '@heddle/cpu';
import { z } from 'zod';
import { checked } from './config/resolve.js';
import type { ResolvedConfig } from './config/schema.js';
import { makePart } from './plugins.js';
import type { Reporter } from './terminal/reporter.js';

const cpuOptions: z.ZodType<CpuOptions> = z.strictObject({
  threads: z.int().positive().optional(),
  kernels: z.enum(['native', 'wasm', 'reference']).optional(),
});

/** The parts that come with the command, named like those of any plug-in. */
export const builtin: Plugin = {
  contract: CONTRACT,
  name: 'heddle',
  backends: { cpu: (options) => cpu(checked('backend', cpuOptions, options)) },
};

/** The backend that the configuration names, with its options; the reporter is told what computes. */
export async function openBackend(
  { backend, plugins }: ResolvedConfig,
  reporter?: Reporter,
): Promise<Backend> {
  const { name, ...options } = backend;
  const parts = [builtin, ...plugins];
  const opened = await makePart(parts, 'backends', name, options as { [key: string]: Json });
  if (opened.description) reporter?.line(`backend ${name}: ${opened.description}`);
  return opened;
}
