import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { type Diagnosis, HeddleError, type Plugin } from '@heddle/core';
import { describeCpu } from '@heddle/cpu';
import type { CommandContext, CommandResult } from '../command.js';
import { loadPlugin } from '../config/load-plugin.js';
import { SEPARATE_BACKENDS } from '../config/load-plugins.js';
import { version } from '../version.js';

/** What this machine offers to Heddle, and what is missing and why. */
export async function doctor({ config }: CommandContext): Promise<CommandResult> {
  const cpu = describeCpu();
  const machine = {
    heddle: version,
    node: process.versions.node,
    platform: `${platform()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
  };
  const others = [
    ...(await Promise.all(config.plugins.map(diagnosed))).flat(),
    ...(await Promise.all(SEPARATE_BACKENDS.map(separate))).flat(),
  ];
  const rows = [
    ['Heddle', machine.heddle],
    ['Node', `${machine.node} (20.19 or later is needed)`],
    ['System', machine.platform],
    ['Processor', `${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB`],
    ['Backend cpu', `${cpu.tier}, ${cpu.threads} threads${cpu.simd ? `, ${cpu.simd}` : ''}`],
    ['', cpu.reason],
    ...others.map(({ subject, serves, detail }) => [
      `${serves ? '✓' : '–'} ${subject}`,
      detail.replaceAll('\n', ' '),
    ]),
  ];
  const width = Math.max(...rows.map(([key]) => key.length));
  const text = rows.map(([key, value]) => `  ${key.padEnd(width)}  ${value}`.trimEnd()).join('\n');
  return {
    text,
    json: {
      ...machine,
      backends: { cpu: { ...cpu } },
      plugins: others.map((diagnosis) => ({ ...diagnosis })),
    },
  };
}

/** What a plug-in says of this machine; a diagnosis that fails is one too. */
async function diagnosed(plugin: Plugin): Promise<readonly Diagnosis[]> {
  try {
    return (await plugin.diagnose?.()) ?? [];
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return [{ subject: plugin.name, serves: false, detail }];
  }
}

/** Heddle's own backends in packages of their own, where they are installed. */
async function separate(name: string): Promise<readonly Diagnosis[]> {
  const specifier = `@heddle/${name}`;
  try {
    return await diagnosed(await loadPlugin(specifier, join(process.cwd(), 'heddle.config.ts')));
  } catch (error) {
    if (!HeddleError.is(error)) throw error;
    return [{ subject: name, serves: false, detail: error.message }];
  }
}
