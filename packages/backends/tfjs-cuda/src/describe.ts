import { chooseEngine } from './engines/choose.js';
import type { Engine } from './engines/names.js';
import type { Refusal } from './engines/open-engine.js';

/** What this machine offers the tfjs backend, for `heddle doctor`. */
export interface TfjsDescription {
  /** The engine that `tfjsCuda()` takes here. */
  readonly engine: Engine;
  /** What computes there. */
  readonly what: string;
  /** Why each better engine does not serve, and what would mend it. */
  readonly passed: readonly Refusal[];
}

/** Says which engine `tfjsCuda()` takes on this machine, and why; it loads those that it tries. */
export async function describeTfjs(): Promise<TfjsDescription> {
  const { chosen, passed } = await chooseEngine();
  return { engine: chosen.engine, what: chosen.what, passed };
}
