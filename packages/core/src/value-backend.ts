import type { Backend, DeviceBuffer, DeviceLimits, View, Waiver } from './backend.js';
import { BYTES, type DType, hostArray, type TypedArray } from './dtype.js';
import { HeddleError } from './errors.js';
import type { Awaitable } from './json.js';
import type { Op } from './op.js';
import { CONTRACT } from './plugin.js';
import { type Shape, sizeOf } from './shape.js';

/** An input of an operation: a value of the library, seen with a shape. */
export interface ValueOperand<T> {
  readonly value: T;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** An output to be made. */
export interface ValueSpec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A library whose arrays do not change once they are made, as most have them. */
export interface ValueDriver<T> {
  readonly name: string;
  readonly dtypes: readonly DType[];
  readonly limits?: DeviceLimits;
  readonly waivers?: readonly Waiver[];
  /** A value with these elements, flat. The array is the driver's own. */
  upload(data: TypedArray, dtype: DType): Awaitable<T>;
  /** The elements in a fresh array. */
  download(value: T, dtype: DType): Awaitable<TypedArray>;
  /** Gives a value's memory back; called once for each that `upload` or `run` gave. */
  dispose(value: T): void;
  /** As in `Backend`; what it denies does not reach `run`. */
  supports(op: Op, dtype: DType): boolean;
  /** Computes new values for the outputs, at least one of which has an element. No value may be given twice, or be an input's. */
  run(
    op: Op,
    inputs: readonly ValueOperand<T>[],
    outputs: readonly ValueSpec[],
  ): Awaitable<readonly T[]>;
  /** Resolves once the device has finished what it was given. */
  sync?(): Awaitable<void>;
  /** Lets go of the device; every value was disposed of before. */
  close?(): Awaitable<void>;
}

/**
 * A backend over values that do not change: a buffer is a place that holds one value after the
 * other. What a call reads is fixed when it is made, so that writing, freeing and working in place
 * need no care, and results that are still promises come in the right order by themselves. It owns
 * lifetimes, memory counts and errors; the driver only computes.
 *
 * What a driver throws becomes `kernel-failed` with the operation's name, unless it is a HeddleError.
 * The failure of a promise surfaces where its result, or what was made of it, is read, and at `sync`.
 */
export function valueBackend<T>(driver: ValueDriver<T>): Backend {
  return new ValueBackend(driver);
}

/** A value that is there or on its way, kept as long as someone holds it. */
class Held<T> {
  #content: T | undefined;
  #failure: HeddleError | undefined;
  /** Resolves, never rejects, when the value is there or has failed. */
  readonly arrival: Promise<void> | undefined;
  #holders = 1;

  constructor(
    content: Awaitable<T>,
    private readonly dispose: (value: T) => void,
    wrap: (error: unknown) => HeddleError,
  ) {
    if (!isPromise(content)) {
      this.#content = content;
      return;
    }
    this.arrival = content.then(
      (value) => {
        this.#content = value;
        if (this.#holders === 0) this.dispose(value);
      },
      (error: unknown) => {
        this.#failure = wrap(error);
      },
    );
  }

  /** Whether `value` can be called. */
  get arrived(): boolean {
    return this.#content !== undefined || this.#failure !== undefined;
  }

  get value(): T {
    if (this.#failure) throw this.#failure;
    return this.#content as T;
  }

  get failure(): HeddleError | undefined {
    return this.#failure;
  }

  hold(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    this.#holders--;
    if (this.#holders === 0 && this.#content !== undefined) this.dispose(this.#content);
  }
}

class ValueBuffer<T> implements DeviceBuffer {
  held: Held<T> | undefined;
  freed = false;

  constructor(
    readonly owner: object,
    readonly dtype: DType,
    readonly size: number,
  ) {}

  put(held: Held<T>): void {
    this.held?.release();
    this.held = held;
  }
}

class ValueBackend<T> implements Backend {
  readonly contract: typeof CONTRACT = CONTRACT;
  readonly name: string;
  readonly dtypes: readonly DType[];
  readonly limits?: DeviceLimits;
  readonly waivers?: readonly Waiver[];
  readonly #driver: ValueDriver<T>;
  readonly #buffers = new Set<ValueBuffer<T>>();
  /** What is on its way. */
  readonly #pending = new Set<Held<T>>();
  /** Failures that no `sync` has told of. */
  readonly #failures: HeddleError[] = [];
  #live = 0;
  #peak = 0;
  #disposed = false;

  constructor(driver: ValueDriver<T>) {
    this.#driver = driver;
    this.name = driver.name;
    this.dtypes = driver.dtypes;
    if (driver.limits) this.limits = driver.limits;
    if (driver.waivers) this.waivers = driver.waivers;
  }

  alloc(size: number, dtype: DType): DeviceBuffer {
    this.#checkOpen('alloc');
    this.#checkSize(size, dtype);
    const buffer = new ValueBuffer<T>(this, dtype, size);
    this.#buffers.add(buffer);
    this.#live += size * BYTES[dtype];
    this.#peak = Math.max(this.#peak, this.#live);
    return buffer;
  }

  write(buffer: DeviceBuffer, data: TypedArray): void {
    const own = this.#own(buffer, 'write');
    if (data.constructor !== hostArray(own.dtype, 0).constructor) {
      throw new HeddleError(
        'dtype-mismatch',
        `${this.name}: write of a ${data.constructor.name} to a buffer of ${own.dtype}.`,
        { op: 'write', dtypes: [data.constructor.name, own.dtype] },
      );
    }
    if (data.length !== own.size) {
      throw new HeddleError(
        'shape-mismatch',
        `${this.name}: write of ${data.length} elements to a buffer of ${own.size}.`,
        { op: 'write', shapes: [[data.length], [own.size]] },
      );
    }
    own.put(this.#upload(data.slice(), own.dtype));
  }

  async read(buffer: DeviceBuffer): Promise<TypedArray> {
    const { dtype } = buffer;
    const held = this.#content(this.#own(buffer, 'read')).hold();
    try {
      if (!held.arrived) await held.arrival;
      return await this.#attempt('read', () => this.#driver.download(held.value, dtype));
    } finally {
      held.release();
    }
  }

  free(buffer: DeviceBuffer): void {
    const own = this.#own(buffer, 'free');
    own.freed = true;
    this.#buffers.delete(own);
    this.#live -= own.size * BYTES[own.dtype];
    own.held?.release();
    own.held = undefined;
  }

  supports(op: Op, dtype: DType): boolean {
    return this.#driver.supports(op, dtype);
  }

  run(op: Op, inputs: readonly View[], outputs: readonly View[]): void {
    this.#checkOpen(op.kind);
    const floating = [...inputs, ...outputs].find(({ buffer }) => buffer.dtype !== 'i32');
    if (!this.#driver.supports(op, floating?.buffer.dtype ?? 'i32')) {
      throw new HeddleError(
        'unsupported-op',
        `${this.name}: there is no operation "${op.kind}" for these operands. Ask supports() first.`,
        { backend: this.name, op: op.kind },
      );
    }
    const sources = inputs.map(({ buffer }) => this.#content(this.#own(buffer, op.kind)));
    const targets = outputs.map(({ buffer }) => this.#own(buffer, op.kind));
    const specs = outputs.map(({ buffer, shape }) => ({ shape, dtype: buffer.dtype }));
    if (specs.every(({ shape }) => sizeOf(shape) === 0)) return;
    const compute = (): Awaitable<readonly T[]> =>
      this.#attempt(op.kind, () =>
        this.#driver.run(
          op,
          sources.map((held, i) => ({
            value: held.value,
            shape: inputs[i].shape,
            dtype: inputs[i].buffer.dtype,
          })),
          specs,
        ),
      );
    const values = sources.every((held) => held.arrived && !held.failure)
      ? compute()
      : Promise.all(sources.map((held) => held.arrival)).then(compute);
    if (!isPromise(values)) {
      targets.forEach((buffer, i) => {
        buffer.put(this.#held(values[i], op.kind));
      });
      return;
    }
    for (const held of sources) held.hold();
    const done = values.finally(() => {
      for (const held of sources) held.release();
    });
    targets.forEach((buffer, i) => {
      buffer.put(
        this.#held(
          done.then((all) => all[i]),
          op.kind,
        ),
      );
    });
  }

  async sync(): Promise<void> {
    this.#checkOpen('sync');
    await Promise.all([...this.#pending].map((held) => held.arrival));
    await this.#attempt('sync', async () => this.#driver.sync?.());
    const [failure] = this.#failures.splice(0);
    if (failure) throw failure;
  }

  memory(): { readonly live: number; readonly peak: number } {
    return { live: this.#live, peak: this.#peak };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await Promise.all([...this.#pending].map((held) => held.arrival));
    for (const buffer of this.#buffers) buffer.held?.release();
    this.#buffers.clear();
    this.#live = 0;
    await this.#driver.close?.();
  }

  /** The buffer's value; zeros where nothing was ever written. */
  #content(buffer: ValueBuffer<T>): Held<T> {
    buffer.held ??= this.#upload(hostArray(buffer.dtype, buffer.size), buffer.dtype);
    return buffer.held;
  }

  #upload(data: TypedArray, dtype: DType): Held<T> {
    const { maxInteger = Number.POSITIVE_INFINITY } = this.#driver.limits ?? {};
    if (dtype === 'i32' && maxInteger < 2 ** 31) {
      const beyond = data.find((x) => Math.abs(x) > maxInteger);
      if (beyond !== undefined) throw this.#limit('maxInteger', beyond, maxInteger, 'write');
    }
    return this.#held(
      this.#attempt('write', () => this.#driver.upload(data, dtype)),
      'write',
    );
  }

  #held(content: Awaitable<T>, op: string): Held<T> {
    const held = new Held(
      content,
      (value) => this.#driver.dispose(value),
      (error) => this.#failed(op, error),
    );
    if (held.arrival) {
      this.#pending.add(held);
      void held.arrival.then(() => {
        this.#pending.delete(held);
        const { failure } = held;
        if (failure && !this.#failures.includes(failure)) this.#failures.push(failure);
      });
    }
    return held;
  }

  /** Runs a call of the driver; what it throws, now or later, is a HeddleError. */
  #attempt<R>(op: string, action: () => Awaitable<R>): Awaitable<R> {
    const fail = (error: unknown): never => {
      throw this.#failed(op, error);
    };
    try {
      const result = action();
      return isPromise(result) ? result.catch(fail) : result;
    } catch (error) {
      return fail(error);
    }
  }

  #failed(op: string, error: unknown): HeddleError {
    if (HeddleError.is(error)) return error;
    const reason = error instanceof Error ? error.message : String(error);
    return new HeddleError(
      'kernel-failed',
      `${this.name}: "${op}" failed on the device: ${reason}`,
      { backend: this.name, op },
      { cause: error },
    );
  }

  #own(buffer: DeviceBuffer, what: string): ValueBuffer<T> {
    this.#checkOpen(what);
    if (!(buffer instanceof ValueBuffer) || buffer.owner !== this) {
      throw new HeddleError(
        'mixed-backends',
        `${this.name}: ${what} on a buffer of another backend. Read it there and write it here.`,
        { op: what, backends: [this.name, 'another'] },
      );
    }
    if (buffer.freed) {
      throw new HeddleError(
        'use-after-free',
        `${this.name}: ${what} on a buffer (${buffer.dtype}, ${buffer.size} elements) that was freed before. ` +
          'Keep the tensor alive until its last use, and free it once.',
        { what: `${what} ${buffer.dtype}[${buffer.size}]` },
      );
    }
    return buffer as ValueBuffer<T>;
  }

  #checkOpen(what: string): void {
    if (!this.#disposed) return;
    throw new HeddleError(
      'use-after-free',
      `${this.name}: ${what} after the backend was disposed. Dispose it after its last use.`,
      { what },
    );
  }

  #checkSize(size: number, dtype: DType): void {
    if (!this.dtypes.includes(dtype)) {
      throw new HeddleError(
        'dtype-mismatch',
        `${this.name}: there is no ${dtype} here, only ${this.dtypes.join(' and ')}.`,
        { op: 'alloc', dtypes: [dtype] },
      );
    }
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new HeddleError('invalid-argument', `${this.name}: cannot allocate ${size} elements.`, {
        argument: 'size',
        given: size,
      });
    }
    const most = this.#driver.limits?.maxElements;
    if (most !== undefined && size > most) throw this.#limit('maxElements', size, most, 'alloc');
  }

  #limit(limit: keyof DeviceLimits, asked: number, most: number, op: string): HeddleError {
    const what = {
      maxElements: `a buffer of ${asked} elements, but the device holds ${most} in one. Use smaller batches or a smaller model`,
      maxInteger: `the integer ${asked}, but the device holds whole numbers exactly only up to ${most}. Keep ids below that`,
    };
    return new HeddleError(
      'device-limit',
      `${this.name}: ${op} of ${what[limit]}, or take another backend.`,
      { backend: this.name, limit, asked, most },
    );
  }
}

function isPromise<R>(value: Awaitable<R>): value is Promise<R> {
  return value instanceof Promise;
}
