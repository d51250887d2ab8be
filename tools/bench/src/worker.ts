import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What a worker says of one step. */
export interface StepReply {
  readonly milliseconds: number;
  readonly loss: number;
  /** Share of the step that was not spent in operations, where the worker can tell. */
  readonly outside?: number;
}

export interface MemoryReply {
  /** Growth of the process's largest resident size since before the model, in bytes. */
  readonly resident: number;
  /** The most bytes of live buffers, where the worker can tell. */
  readonly buffers?: number;
  /** Bytes of parameters, gradients and both moments, where the worker can tell. */
  readonly state?: number;
  /** Milliseconds of processor time that the process took between its steps, while others ran. */
  readonly idle: number;
}

/** A process that answers each line with one; it waits while others work. */
export class LineProcess {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(name: string, command: readonly string[], env: NodeJS.ProcessEnv) {
    this.#name = name;
    const [file, ...args] = command;
    this.#child = spawn(file, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.on('error', (error) => console.error(`${name}: ${error.message}`));
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  async ask(line: string): Promise<string> {
    this.#child.stdin!.write(`${line}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.#name} ended instead of answering ${line}; see above`);
    return value;
  }

  async end(): Promise<void> {
    const closed = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.stdin!.end();
    if (this.#child.exitCode === null && this.#child.pid !== undefined) await closed;
  }
}

/** A process that trains, in lines of JSON. */
export class Worker {
  readonly name: string;
  readonly #process: LineProcess;

  constructor(name: string, command: readonly string[], env: NodeJS.ProcessEnv) {
    this.name = name;
    this.#process = new LineProcess(name, command, env);
  }

  async ask<Reply>(request: Readonly<Record<string, unknown>>): Promise<Reply> {
    return JSON.parse(await this.#process.ask(JSON.stringify(request))) as Reply;
  }

  end(): Promise<void> {
    return this.#process.end();
  }
}
