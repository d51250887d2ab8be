import { MODES, type Mode, type Obstacle, obstacleTo, preferredModes } from './modes.js';

/** A mode of gpu.js on this machine; with an obstacle it cannot serve. */
export interface ModeDescription {
  readonly mode: Mode;
  /** Why it cannot serve, and what mends it. */
  readonly obstacle?: Obstacle;
}

/** What this machine offers the gpujs backend, for `heddle doctor`. */
export interface GpujsDescription {
  /** The mode that `gpujs()` takes here. */
  readonly mode: Mode;
  /** All modes. */
  readonly modes: readonly ModeDescription[];
}

/** Says which modes of gpu.js can serve here, why not the others, and what mends it. */
export async function describeGpujs(): Promise<GpujsDescription> {
  const modes: ModeDescription[] = [];
  for (const mode of MODES) {
    const obstacle = await obstacleTo(mode);
    modes.push(obstacle ? { mode, obstacle } : { mode });
  }
  const serving = new Set(modes.filter((one) => !one.obstacle).map((one) => one.mode));
  const preferred = await preferredModes();
  return { mode: preferred.find((mode) => serving.has(mode)) ?? 'cpu', modes };
}
