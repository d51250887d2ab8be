/** A growing list of token ids, or of other whole numbers. */
export class IdList {
  data: Int32Array;
  length = 0;

  /** @param memory room for so many, or memory to begin with: it is left for larger one when it is full */
  constructor(memory: number | Int32Array) {
    this.data = typeof memory === 'number' ? new Int32Array(Math.max(16, memory)) : memory;
  }

  push(id: number): void {
    if (this.length === this.data.length) this.reserve(1);
    this.data[this.length++] = id;
  }

  /** Makes room for `count` more. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.data.length) return;
    const grown = new Int32Array(Math.max(16, needed, this.data.length * 2));
    grown.set(this.data.subarray(0, this.length));
    this.data = grown;
  }

  toArray(): Int32Array {
    return this.data.slice(0, this.length);
  }
}
