import { writeFileSync } from 'node:fs';
import { parse, resolve } from 'node:path';
import { isMainThread, threadId } from 'node:worker_threads';
import { ioError, Profiler } from '@heddle/core';
import type { CpuBackend } from './backend.js';

/** Writes the traces of backends that were not disposed. */
const atExit = new Set<() => void>();
/** Traces begun in this thread. */
let opened = 0;

/**
 * The file for the trace of the next backend, if the environment's HEDDLE_PROFILE asks for one. Each
 * backend has its own: after the first of the main thread their names go on with `-2`, `-3`, …, and
 * in a worker thread with `-thread1` and so on first.
 *
 * @throws HeddleError `io` if it cannot be written: now, not when the work is done
 */
export function traceFile(): string | undefined {
  const given = process.env.HEDDLE_PROFILE;
  if (given === undefined || given === '') return undefined;
  const { dir, name, ext } = parse(resolve(given));
  const thread = isMainThread ? '' : `-thread${threadId}`;
  const number = opened === 0 ? '' : `-${opened + 1}`;
  const path = resolve(dir, `${name}${thread}${number}${ext}`);
  write(path, '');
  if (opened++ === 0) process.once('exit', finishAll);
  return path;
}

/** Times the operations of `backend` from now on; the trace is written once, when it is disposed or the process exits. */
export function traced(backend: CpuBackend, path: string): CpuBackend {
  const profiler = new Profiler();
  const run = backend.run.bind(backend);
  const dispose = backend[Symbol.asyncDispose].bind(backend);
  const finish = (): void => {
    if (atExit.delete(finish)) write(path, profiler.trace(backend.description));
  };
  backend.run = (op, inputs, outputs) => {
    const start = profiler.start();
    run(op, inputs, outputs);
    profiler.record(op, inputs, outputs, start);
  };
  backend[Symbol.asyncDispose] = async () => {
    await dispose();
    finish();
  };
  atExit.add(finish);
  return backend;
}

function finishAll(): void {
  for (const finish of atExit) finish();
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw ioError('write the HEDDLE_PROFILE trace', path, error);
  }
}
