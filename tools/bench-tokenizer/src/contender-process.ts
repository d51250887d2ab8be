import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { FailedReply, Request } from './protocol.js';

/** A process that answers one request after the other; it waits while others work. */
export class ContenderProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(command: readonly string[]) {
    const [file, ...args] = command;
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.on('error', () => {});
    this.#child.stdin!.on('error', () => {});
    this.#child.stderr!.resume();
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  /** What lasts longer ends the process; that it ended, or cannot be started, is a reply too. */
  async ask<Reply>(request: Request, seconds = 600): Promise<Reply | FailedReply> {
    this.#child.stdin!.write(`${JSON.stringify(request)}\n`);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#child.kill('SIGKILL');
    }, seconds * 1000);
    const { value, done } = await this.#lines.next();
    clearTimeout(timer);
    if (!done) return JSON.parse(value);
    return { failed: late ? `over ${seconds} s` : 'ended' };
  }

  async end(): Promise<void> {
    const closed = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.stdin!.end();
    if (this.#child.exitCode === null && this.#child.signalCode === null && this.#child.pid)
      await closed;
  }
}
