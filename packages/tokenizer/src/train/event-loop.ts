/** Work without a pause is at most about this long, in milliseconds. */
const LONGEST_TURN = 50;

/** Lets timers, input and an abort come through while long work is done. */
export class EventLoop {
  readonly #signal: AbortSignal | undefined;
  #started = Date.now();

  constructor(signal: AbortSignal | undefined) {
    signal?.throwIfAborted();
    this.#signal = signal;
  }

  /** Waits for a turn of the event loop if the last one is a while ago; throws the signal's reason. */
  turnIfDue(): Promise<void> | undefined {
    this.#signal?.throwIfAborted();
    return Date.now() - this.#started < LONGEST_TURN ? undefined : this.#turn();
  }

  async #turn(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
    this.#signal?.throwIfAborted();
    this.#started = Date.now();
  }
}
