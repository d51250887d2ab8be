import { HeddleError } from '@heddle/core';
import type { GpuDevice, GpuError } from './library.js';

/** What is submitted to the device. */
export interface Work {
  /** The operation that it is part of. */
  readonly op: string;
  /** What it reads. */
  readonly inputs: readonly object[];
  /** The size of its result, and what lives beside that. */
  readonly bytes: number;
  readonly live: number;
}

type Fault = Promise<HeddleError | undefined>;

/**
 * What a WebGPU device says of the work it was given, which it does later than the work is submitted: a
 * result keeps it, and what is made of the result inherits it, until it is known that nothing went wrong.
 */
export class Faults {
  readonly #known = new WeakMap<object, Fault>();
  readonly #pending = new Set<Fault>();
  readonly #untold: HeddleError[] = [];
  #lost: string | undefined;

  constructor(private readonly device: GpuDevice) {
    void device.lost.then(({ reason, message }) => {
      this.#lost = message || reason;
    });
  }

  /** Runs what submits `work`, before it first waits, and gives its result. */
  async watch<R extends object>(work: Work, submit: () => Promise<R>): Promise<R> {
    const { device } = this;
    device.pushErrorScope('validation');
    device.pushErrorScope('out-of-memory');
    const working = submit();
    // Memory first: a buffer that is not there makes what uses it invalid.
    const scopes = [device.popErrorScope(), device.popErrorScope()];
    const own = Promise.all(scopes).then(
      ([memory, validation]) => {
        if (memory) return outOfMemory(work, memory);
        return validation ? failed(work, validation) : undefined;
      },
      () => undefined, // the device is lost, which is told of elsewhere
    );
    const inherited = work.inputs.flatMap((input) => this.#known.get(input) ?? []);
    const fault = Promise.all([...inherited, own]).then((all) => all.find((e) => e !== undefined));
    this.#pending.add(fault);
    const result = await working;
    this.#known.set(result, fault);
    void fault.then((found) => {
      this.#pending.delete(fault);
      if (found === undefined) this.#known.delete(result);
      else if (!this.#untold.includes(found)) this.#untold.push(found);
    });
    return result;
  }

  /** Throws if the result did not come about. */
  async check(result: object): Promise<void> {
    const found = await this.#known.get(result);
    if (found) throw found;
  }

  /** Throws what went wrong since the last time. */
  async checkAll(): Promise<void> {
    await Promise.all(this.#pending);
    const [found] = this.#untold.splice(0);
    if (found) throw found;
  }

  /** Runs what waits for the device: if that goes away, it fails in many ways, which all mean that. */
  async attempt<R>(action: () => Promise<R>): Promise<R> {
    this.#checkThere();
    try {
      return await action();
    } catch (error) {
      // What the loss broke may be heard of before the loss.
      await new Promise((resolve) => setTimeout(resolve));
      this.#checkThere();
      throw error;
    }
  }

  #checkThere(): void {
    if (this.#lost === undefined) return;
    throw new HeddleError(
      'device-lost',
      `gpujs: the WebGPU device is gone (${this.#lost}), and what it held is lost. ` +
        'Make a new backend, and go on from the last checkpoint.',
      { backend: 'gpujs', reason: this.#lost },
    );
  }
}

function failed({ op }: Work, { message }: GpuError): HeddleError {
  return new HeddleError('kernel-failed', `gpujs: "${op}" failed on the device: ${message}`, {
    backend: 'gpujs',
    op,
  });
}

function outOfMemory({ op, bytes, live }: Work, { message }: GpuError): HeddleError {
  return new HeddleError(
    'out-of-memory',
    `gpujs: no room on the device for ${bytes} bytes that "${op}" makes, beside ${live} that live: ${message}. ` +
      'Use smaller batches or a smaller model, or free what is not needed.',
    { backend: 'gpujs', asked: bytes, live },
  );
}
