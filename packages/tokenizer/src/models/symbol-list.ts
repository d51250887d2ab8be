/** The symbols that a piece begins as, and the stretch of the text that each stands for. */
export class SymbolList {
  /** Whether someone wants to know where the symbols lie. */
  tracked = false;
  length = 0;
  ids: Int32Array = new Int32Array(256);
  starts: Int32Array = new Int32Array(256);
  ends: Int32Array = new Int32Array(256);
  /** Room for `Merges.apply`. */
  lasts: Int32Array = new Int32Array(256);

  add(id: number, start: number, end: number): void {
    if (this.length === this.ids.length) this.reserve(1);
    const at = this.length++;
    this.ids[at] = id;
    this.starts[at] = start;
    this.ends[at] = end;
  }

  /** Makes room for `count` more. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.ids.length) return;
    const capacity = Math.max(needed, this.ids.length * 2);
    const grown = (array: Int32Array): Int32Array => {
      const larger = new Int32Array(capacity);
      larger.set(array);
      return larger;
    };
    this.ids = grown(this.ids);
    this.starts = grown(this.starts);
    this.ends = grown(this.ends);
    this.lasts = new Int32Array(capacity);
  }
}
