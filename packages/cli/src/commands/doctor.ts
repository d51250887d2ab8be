import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { describeCpu } from '@heddle/cpu';
import type { CommandResult } from '../command.js';
import { version } from '../version.js';

/** What this machine offers to Heddle, and what is missing and why. */
export async function doctor(): Promise<CommandResult> {
  const cpu = describeCpu();
  const machine = {
    heddle: version,
    node: process.versions.node,
    platform: `${platform()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
  };
  const rows = [
    ['Heddle', machine.heddle],
    ['Node', `${machine.node} (20.19 or later is needed)`],
    ['System', machine.platform],
    ['Processor', `${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB`],
    ['Backend cpu', `${cpu.tier}, ${cpu.threads} threads${cpu.simd ? `, ${cpu.simd}` : ''}`],
    ['', cpu.reason],
  ];
  const text = rows.map(([key, value]) => `  ${key.padEnd(12)}  ${value}`.trimEnd()).join('\n');
  return { text, json: { ...machine, backends: { cpu: { ...cpu } } } };
}
