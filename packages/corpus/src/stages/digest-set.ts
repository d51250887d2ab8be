/**
 * A set of 128-bit digests in one table with open addressing: 23 to 46 bytes for each digest (16
 * bytes at a load of 0.35 to 0.7), half as much again while the table doubles.
 */
export class DigestSet {
  private words: Uint32Array = new Uint32Array(4 * 1024);
  private used = 0;

  get size(): number {
    return this.used;
  }

  /** Adds the first 16 bytes of `digest`; whether they were not in the set before. */
  add(digest: Uint8Array): boolean {
    const view = new DataView(digest.buffer, digest.byteOffset, 16);
    // All zero marks a free place.
    const d0 = view.getUint32(0) || 1;
    const d1 = view.getUint32(4);
    const d2 = view.getUint32(8);
    const d3 = view.getUint32(12);
    if ((this.used + 1) * 4 > this.words.length * 0.7) this.grow();
    return this.insert(d0, d1, d2, d3);
  }

  private insert(d0: number, d1: number, d2: number, d3: number): boolean {
    const { words } = this;
    const mask = words.length / 4 - 1;
    for (let slot = d0 & mask; ; slot = (slot + 1) & mask) {
      const at = slot * 4;
      if (words[at] === 0) {
        words[at] = d0;
        words[at + 1] = d1;
        words[at + 2] = d2;
        words[at + 3] = d3;
        this.used++;
        return true;
      }
      if (
        words[at] === d0 &&
        words[at + 1] === d1 &&
        words[at + 2] === d2 &&
        words[at + 3] === d3
      ) {
        return false;
      }
    }
  }

  private grow(): void {
    const old = this.words;
    this.words = new Uint32Array(old.length * 2);
    this.used = 0;
    for (let at = 0; at < old.length; at += 4) {
      if (old[at] !== 0) this.insert(old[at], old[at + 1], old[at + 2], old[at + 3]);
    }
  }
}
