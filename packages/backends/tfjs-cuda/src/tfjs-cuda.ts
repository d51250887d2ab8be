import { type Backend, HeddleError, nearest, valueBackend } from '@heddle/core';
import { chooseEngine, openEngine } from './engines/choose.js';
import { ENGINES, type Engine } from './engines/names.js';
import { explained, isOpen, type OpenEngine } from './engines/open-engine.js';

export interface TfjsOptions {
  /** Default: the best that is installed and works; `description` says which, and why none better. */
  readonly engine?: Engine;
}

declare module '@heddle/core' {
  interface BackendOptions {
    'tfjs-cuda': TfjsOptions;
  }
}

/** A backend over TensorFlow.js. */
export interface TfjsBackend extends Backend {
  readonly engine: Engine;
  /** What computes, and if that is not the best engine, why not. */
  readonly description: string;
}

/**
 * The backend over TensorFlow.js on the engine asked for, else on the best that can serve. Nothing is
 * downloaded, and engines are loaded only when they are tried. Several may exist at once.
 *
 * @throws HeddleError `tfjs/no-engine` if the engine asked for cannot serve; `invalid-argument` for
 * another name or option.
 */
export async function tfjsCuda(options: TfjsOptions = {}): Promise<TfjsBackend> {
  checkOptions(options);
  const { engine } = options;
  if (engine === undefined) {
    const { chosen, passed } = await chooseEngine();
    return backendOn(chosen, passed.map(explained));
  }
  const opening = await openEngine(engine);
  if (isOpen(opening)) return backendOn(opening, []);
  const { reason, remedy } = opening;
  throw new HeddleError(
    'tfjs/no-engine',
    `tfjs-cuda: the engine "${engine}" cannot serve: ${reason}. To mend it: ${remedy}. Or leave out the option engine.`,
    { engine, reason },
  );
}

/** tfjs itself is loaded here, so that a program which only imports this package does not wait for it. */
async function backendOn(open: OpenEngine, passed: readonly string[]): Promise<TfjsBackend> {
  const { tfjsDriver } = await import('./driver.js');
  const { kernelsFor } = await import('./kernels/index.js');
  const backend = valueBackend(tfjsDriver(open, kernelsFor(open)));
  const why = passed.length === 0 ? '' : `; not ${passed.join('; not ')}`;
  return Object.assign(backend, {
    engine: open.engine,
    description: `${open.engine}: ${open.what}${why}`,
  });
}

function checkOptions(options: TfjsOptions): void {
  for (const key of Object.keys(options)) {
    if (key !== 'engine') throw invalid('option', key, ['engine']);
  }
  const { engine } = options;
  if (engine !== undefined && !ENGINES.includes(engine)) throw invalid('engine', engine, ENGINES);
}

function invalid(argument: string, given: unknown, known: readonly string[]): HeddleError {
  const near = nearest(String(given), known);
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  return new HeddleError(
    'invalid-argument',
    `tfjs-cuda: there is no ${argument} "${String(given)}"; there is ${known.join(', ')}.${hint}`,
    { argument, given: String(given) },
  );
}
