/**
 * A set of pieces of text, numbered in the order of their arrival: an open-addressing hash table over
 * UTF-16 units in typed arrays, so that looking a piece up makes no string and no garbage.
 */
export class PieceTable {
  /** Number of pieces. */
  size = 0;
  /** Units of all pieces, one after the other. */
  #units: Uint16Array;
  #used = 0;
  /** Piece number plus one by hash; 0 is empty. */
  #slots: Int32Array;
  /** Hash, start in `#units` and length of each piece. */
  #entries: Int32Array;

  /** @param capacity pieces that fit before the table grows; a power of two */
  constructor(capacity = 1024) {
    this.#units = new Uint16Array(capacity * 8);
    this.#slots = new Int32Array(capacity * 2);
    this.#entries = new Int32Array(capacity * 3);
  }

  /** UTF-16 units that all pieces hold together. */
  get units(): number {
    return this.#used;
  }

  /** The number of the piece `text[start, end)`, which is added if it is new (then it is `size - 1`). */
  intern(text: string, start: number, end: number): number {
    const length = end - start;
    let hash = length;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x9e3779b1);
    hash ^= hash >>> 15;
    const entries = this.#entries;
    const units = this.#units;
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const piece = this.#slots[slot] - 1;
      if (piece < 0) break;
      const entry = piece * 3;
      if (entries[entry] === hash && entries[entry + 2] === length) {
        const offset = entries[entry + 1] - start;
        let i = start;
        while (i < end && units[offset + i] === text.charCodeAt(i)) i++;
        if (i === end) return piece;
      }
      slot = (slot + 1) & mask;
    }
    return this.#add(text, start, end, hash, slot);
  }

  /** The text of a piece. */
  textOf(piece: number): string {
    const start = this.#entries[piece * 3 + 1];
    const end = start + this.#entries[piece * 3 + 2];
    let text = '';
    for (let i = start; i < end; i += 8192) {
      text += String.fromCharCode(...this.#units.subarray(i, Math.min(i + 8192, end)));
    }
    return text;
  }

  clear(): void {
    this.size = 0;
    this.#used = 0;
    this.#slots.fill(0);
  }

  #add(text: string, start: number, end: number, hash: number, slot: number): number {
    const length = end - start;
    if (this.#used + length > this.#units.length) {
      const grown = new Uint16Array(Math.max(this.#used + length, this.#units.length * 2));
      grown.set(this.#units);
      this.#units = grown;
    }
    for (let i = 0; i < length; i++) this.#units[this.#used + i] = text.charCodeAt(start + i);
    const piece = this.size++;
    this.#entries[piece * 3] = hash;
    this.#entries[piece * 3 + 1] = this.#used;
    this.#entries[piece * 3 + 2] = length;
    this.#used += length;
    this.#slots[slot] = piece + 1;
    if (this.size * 3 === this.#entries.length) this.#grow();
    return piece;
  }

  #grow(): void {
    const entries = new Int32Array(this.#entries.length * 2);
    entries.set(this.#entries);
    this.#entries = entries;
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let piece = 0; piece < this.size; piece++) {
      let slot = entries[piece * 3] & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = piece + 1;
    }
    this.#slots = slots;
  }
}
