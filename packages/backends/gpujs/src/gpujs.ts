import { type Backend, HeddleError, nearest, valueBackend } from '@heddle/core';
import { driverOf } from './driver.js';
import { acquireEngine } from './engine.js';
import { MODES, type Mode, type Obstacle, obstacleTo, preferredModes } from './modes.js';

export interface GpujsOptions {
  /** Default: `webgpu` on a graphics processor, else `webasm`, else `cpu`. */
  readonly mode?: Mode;
}

declare module '@heddle/core' {
  interface BackendOptions {
    gpujs: GpujsOptions;
  }
}

/** A backend over gpu.js. */
export interface GpujsBackend extends Backend {
  readonly mode: Mode;
  /** What computes, in words. */
  readonly description: string;
}

/**
 * A backend over gpu.js: WebGPU, WebGL, WebAssembly or plain JavaScript, the best that serves here if none
 * is asked for. Backends of one mode share an engine and its compiled kernels.
 *
 * @throws HeddleError `gpujs/no-mode` if the mode asked for cannot serve; `invalid-argument` if there is none such.
 */
export async function gpujs(options: GpujsOptions = {}): Promise<GpujsBackend> {
  if (options.mode !== undefined) return open(checkMode(options.mode));
  for (const mode of await preferredModes()) {
    try {
      return await open(mode);
    } catch (error) {
      if (!HeddleError.is(error, 'gpujs/no-mode')) throw error;
    }
  }
  return open('cpu');
}

async function open(mode: Mode): Promise<GpujsBackend> {
  const obstacle = await obstacleTo(mode);
  if (obstacle) throw noMode(mode, obstacle);
  const { engine, release } = await acquireEngine(mode).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw noMode(mode, { reason, remedy: 'Look at its driver' }, error);
  });
  const { description } = engine;
  return Object.assign(valueBackend(driverOf(engine, release)), { mode, description });
}

function noMode(mode: Mode, { reason, remedy }: Obstacle, cause?: unknown): HeddleError {
  return new HeddleError(
    'gpujs/no-mode',
    `gpujs: the mode "${mode}" cannot serve: ${reason}. ${remedy}; or take another mode.`,
    { mode, reason },
    { cause },
  );
}

function checkMode(mode: Mode): Mode {
  if (MODES.includes(mode)) return mode;
  const near = typeof mode === 'string' ? nearest(mode, MODES) : undefined;
  throw new HeddleError(
    'invalid-argument',
    `gpujs: there is no mode ${JSON.stringify(mode)}.${near ? ` Did you mean "${near}"?` : ''} ` +
      `Take one of ${MODES.join(', ')}, or leave it out for the best of them.`,
    { argument: 'mode', given: mode },
  );
}
