import { createLogUpdate } from 'log-update';
import pc from 'picocolors';

export interface Progress {
  /** What is being done, e.g. "corpus". */
  readonly label: string;
  /** Share done in 0 … 1; undefined where the end is not known. */
  readonly share?: number;
  /** Figures worth seeing, e.g. "1,204 documents". */
  readonly note?: string;
}

/** What the commands tell a person. Results go to `out`; headings, progress and remarks to `err`. */
export interface Reporter {
  heading(text: string): void;
  line(text: string): void;
  progress(progress: Progress): void;
  /** Ends the line of progress with what came of it. */
  done(text: string): void;
  /** Text as it comes, e.g. a sample. */
  stream(text: string): void;
  result(text: string): void;
  /** A piece of a result, as it comes. */
  piece(text: string): void;
  /** For parts that draw their own progress. */
  readonly sink: { readonly isTTY: boolean; readonly columns: number; write(text: string): void };
}

/** Back to the start of the line, and clear it: whatever drew there last. */
const CLEAR_LINE = '\r\u001b[2K';

const BAR = 24;
/** Milliseconds between two lines of progress where they stay. */
const LINE_EVERY = 10_000;

function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR);
  return `${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${(share * 100).toFixed(0).padStart(3)}%`;
}

/**
 * On a terminal progress is one line that changes; elsewhere (a log file, CI) it is a line every
 * ten seconds. `quiet` keeps results only.
 */
export function createReporter(options: {
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
  readonly quiet: boolean;
  readonly now?: () => number;
}): Reporter {
  const { out, err, quiet } = options;
  const now = options.now ?? (() => performance.now());
  const live = err.isTTY === true && !quiet;
  const update = createLogUpdate(err);
  let since: number | undefined; // when this phase began, or the last line of progress was written
  const say = (text: string) => {
    if (quiet) return;
    if (live) {
      update.clear();
      err.write(CLEAR_LINE);
    }
    err.write(text);
  };
  return {
    heading: (text) => say(`\n${pc.bold(text)}\n`),
    line: (text) => say(`  ${text}\n`),
    progress({ label, share, note }) {
      if (quiet) return;
      const text = [`  ${label}`, share === undefined ? '' : bar(share), note ?? '']
        .filter(Boolean)
        .join('  ');
      if (live) {
        update(text.slice(0, Math.max(20, (err.columns ?? 80) - 1)));
      } else {
        since ??= now();
        if (now() - since < LINE_EVERY) return;
        since = now();
        err.write(`${text}\n`);
      }
    },
    done: (text) => {
      since = undefined;
      say(`  ${text}\n`);
    },
    stream: (text) => {
      if (!quiet) err.write(text);
    },
    result: (text) => {
      if (live) update.clear();
      if (text !== '') out.write(`${text}\n`);
    },
    piece: (text) => {
      out.write(text);
    },
    sink: {
      isTTY: live,
      columns: err.columns ?? 80,
      write: (text) => {
        if (!quiet) err.write(text);
      },
    },
  };
}
