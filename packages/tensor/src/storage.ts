import type { Backend, DeviceBuffer } from '@heddle/core';

/** A device buffer with a count of the tensors that share it; the last one to let go frees it. */
export class Storage {
  /** Lowest and highest element, known where the host made i32 data: ids are checked with it. */
  bounds: readonly [number, number] | undefined;
  /** Whether products with it are exempt from mixed precision. */
  keepsPrecision = false;
  #references = 1;
  #guards = 0;

  constructor(
    readonly backend: Backend,
    readonly buffer: DeviceBuffer,
  ) {}

  /** Whether more than one tensor refers to the buffer. */
  get shared(): boolean {
    return this.#references > 1;
  }

  /** Whether a backward pass still needs the content as it is. */
  get guarded(): boolean {
    return this.#guards > 0;
  }

  retain(): this {
    this.#references++;
    return this;
  }

  release(): void {
    this.#references--;
    if (this.#references === 0) this.backend.free(this.buffer);
  }

  guard(): void {
    this.#guards++;
  }

  unguard(): void {
    this.#guards--;
  }
}
