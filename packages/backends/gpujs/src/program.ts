import { type Awaitable, sizeOf } from '@heddle/core';
import type { Device, DeviceArray } from './device.js';

type Argument =
  | { readonly kind: 'array'; readonly value: DeviceArray }
  | { readonly kind: 'integer' | 'number'; readonly value: number };

/**
 * A kernel under construction: what it reads, and the source of the function that computes one cell. Its
 * source depends on the structure of the operation alone, sizes are arguments; so it is compiled once.
 *
 * Locals of a kernel are floating: gpu.js makes them so. An index that may pass 2^24 is therefore written
 * where it is used, out of thread positions, integer arguments and loop counters, which are integers.
 */
export class Program {
  readonly #arguments: Argument[] = [];
  #body = '';

  /** Makes an array an argument; its name in the source. */
  array(value: DeviceArray): string {
    return this.#add({ kind: 'array', value });
  }

  integer(value: number): string {
    return this.#add({ kind: 'integer', value });
  }

  number(value: number): string {
    return this.#add({ kind: 'number', value });
  }

  /** Runs `body`, which returns the value of the cell at this.thread, on every cell of `output`. */
  run(device: Device, output: readonly number[], body: string): Awaitable<DeviceArray> {
    this.finish(body);
    if (sizeOf(output) === 0) return device.upload(new Float32Array(0));
    return device.run(this, output);
  }

  /** Ends the construction with the kernel's body. */
  finish(body: string): void {
    this.#body = body;
  }

  get source(): string {
    const names = this.#arguments.map((argument, i) => nameOf(argument, i));
    return `function (${names.join(', ')}) {\n${this.#body}\n}`;
  }

  get arguments(): readonly Argument[] {
    return this.#arguments;
  }

  #add(argument: Argument): string {
    return nameOf(argument, this.#arguments.push(argument) - 1);
  }
}

const nameOf = ({ kind }: Argument, i: number): string => `${kind}${i}`;
