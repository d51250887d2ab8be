import type { Callback, Run } from '@heddle/core';

export interface ProgressOptions {
  /** Where it is drawn. Default `process.stderr`. On a terminal one line is redrawn, else lines are added. */
  readonly stream?: ProgressStream;
  /** What a step counts. Default `tokens`. */
  readonly unit?: string;
  /** Seconds between lines where the stream is no terminal. Default 10. */
  readonly interval?: number;
  /** Seconds from any origin. Default `performance.now() / 1000`. */
  readonly clock?: () => number;
  /** Where `NO_COLOR` is looked up (https://no-color.org). Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The part of a Node stream that is used. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** A redraw of the terminal's line is not worth it more often, in seconds. */
const REDRAW = 0.1;

/**
 * Shows how far the run is: a bar on a terminal, plain lines elsewhere, with the last loss that was
 * read back, tokens per second and the time that is left. Every evaluation gets a line of its own.
 */
export function progress(options: ProgressOptions = {}): Callback {
  const { stream = process.stderr, unit = 'tokens', interval = 10, env = process.env } = options;
  const clock = options.clock ?? (() => performance.now() / 1000);
  const tty = stream.isTTY === true;
  const colour = tty && !env.NO_COLOR;
  let started = 0;
  let first = 0; // the step at which this session began
  let items = 0;
  let drawn = Number.NEGATIVE_INFINITY;
  let drawnStep = -1;
  let loss: number | undefined;

  const status = (run: Run): string => {
    const elapsed = Math.max(clock() - started, 1e-9);
    const done = run.step - first;
    const total = Math.round(run.totalSteps);
    const left = done > 0 ? (elapsed / done) * Math.max(0, run.totalSteps - run.step) : undefined;
    return [
      `step ${run.step}/${total}`,
      ...(loss === undefined ? [] : [`loss ${loss.toFixed(4)}`]),
      `${compact(items / elapsed)} ${unit}/s`,
      ...(left === undefined ? [] : [`ETA ${duration(left)}`]),
    ].join('  ');
  };
  const draw = (run: Run): void => {
    drawn = clock();
    drawnStep = run.step;
    const text = status(run);
    if (!tty) {
      stream.write(`${text}\n`);
      return;
    }
    const room = (stream.columns ?? 80) - 1;
    const width = Math.min(24, room - text.length - 3);
    const drawnBar = width < 4 ? '' : `${bar(run.step / run.totalSteps, width, colour)} `;
    stream.write(`\r\x1b[2K${drawnBar}${text.slice(0, room)}`);
  };
  return {
    name: 'progress',
    onStart(run) {
      started = clock();
      first = run.step;
    },
    onStep({ count }, run) {
      items += count;
      if (clock() - drawn >= (tty ? REDRAW : interval)) draw(run);
    },
    onMetrics({ step, split, metrics }) {
      if (split === 'train') {
        loss = metrics.loss ?? loss;
        return;
      }
      const numbers = Object.entries(metrics).map(([name, value]) => `${name} ${value.toFixed(4)}`);
      stream.write(`${tty ? '\r\x1b[2K' : ''}step ${step}  ${split}  ${numbers.join('  ')}\n`);
    },
    onEnd(reason, run) {
      if (tty || drawnStep !== run.step) draw(run);
      stream.write(`${tty ? '\n' : ''}${reason} after step ${run.step}\n`);
    },
  };
}

function bar(part: number, width: number, colour: boolean): string {
  const full = Math.round(Math.min(1, Math.max(0, part)) * width);
  const done = '█'.repeat(full);
  return `${colour ? `\x1b[36m${done}\x1b[39m` : done}${'░'.repeat(width - full)}`;
}

/** 950, 12.3k, 4.5M. */
function compact(n: number): string {
  if (n < 1000) return n.toFixed(n < 10 ? 1 : 0);
  return n < 1e6 ? `${(n / 1e3).toFixed(1)}k` : `${(n / 1e6).toFixed(1)}M`;
}

/** 42s, 3m05s, 2h07m. */
function duration(seconds: number): string {
  const s = Math.round(seconds);
  const two = (n: number): string => String(n).padStart(2, '0');
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m${two(s % 60)}s`;
  return `${Math.floor(s / 3600)}h${two(Math.floor((s % 3600) / 60))}m`;
}
