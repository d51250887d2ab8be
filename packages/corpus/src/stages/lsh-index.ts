import { estimateJaccard } from './minhash.js';

/** Signatures to a slab, so that the store grows without copying what it holds. */
const SLAB = 1024;

/**
 * Finds similar signatures by banding (locality-sensitive hashing; Indyk and Motwani 1998; Leskovec,
 * Rajaraman and Ullman, "Mining of Massive Datasets", 3.4): two signatures become candidates if one
 * of their `bands` bands is equal, which happens with probability 1 - (1 - J^rows)^bands, and their
 * estimated similarity then decides.
 *
 * Memory for each signature: 4 bytes × permutations, and 8 to 12 bytes × bands.
 */
export class LshIndex {
  private readonly rows: number;
  private readonly signatures: Uint32Array[] = [];
  /** For each signature and band, the signature before it in its bucket, plus 1; 0 ends the chain. */
  private readonly next: Uint32Array[] = [];
  /** For each band and bucket, the last signature in it, plus 1. */
  private heads: Uint32Array;
  private buckets = SLAB;
  private count = 0;

  constructor(
    private readonly permutations: number,
    private readonly bands: number,
  ) {
    this.rows = permutations / bands;
    this.heads = new Uint32Array(bands * this.buckets);
  }

  get size(): number {
    return this.count;
  }

  /** Whether a signature in the index has an estimated similarity of at least `threshold`. */
  hasSimilar(signature: Uint32Array, threshold: number): boolean {
    const compared = new Set<number>();
    for (let band = 0; band < this.bands; band++) {
      let entry = this.heads[this.bucket(signature, band)];
      while (entry !== 0) {
        const other = entry - 1;
        if (!compared.has(other)) {
          if (estimateJaccard(signature, this.at(other)) >= threshold) return true;
          compared.add(other);
        }
        entry = this.nextOf(other)[band];
      }
    }
    return false;
  }

  add(signature: Uint32Array): void {
    if (this.count % SLAB === 0) {
      this.signatures.push(new Uint32Array(SLAB * this.permutations));
      this.next.push(new Uint32Array(SLAB * this.bands));
    }
    if (this.count === this.buckets) this.grow();
    this.at(this.count).set(signature);
    this.link(this.count++);
  }

  private at(index: number): Uint32Array {
    const start = (index % SLAB) * this.permutations;
    return this.signatures[Math.floor(index / SLAB)].subarray(start, start + this.permutations);
  }

  private nextOf(index: number): Uint32Array {
    const start = (index % SLAB) * this.bands;
    return this.next[Math.floor(index / SLAB)].subarray(start, start + this.bands);
  }

  private link(index: number): void {
    const signature = this.at(index);
    const next = this.nextOf(index);
    for (let band = 0; band < this.bands; band++) {
      const bucket = this.bucket(signature, band);
      next[band] = this.heads[bucket];
      this.heads[bucket] = index + 1;
    }
  }

  /** The place in `heads` of a signature's band. */
  private bucket(signature: Uint32Array, band: number): number {
    let hash = band;
    for (let i = band * this.rows; i < (band + 1) * this.rows; i++) {
      hash = Math.imul(hash ^ signature[i], 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return band * this.buckets + (hash & (this.buckets - 1));
  }

  private grow(): void {
    this.buckets *= 2;
    this.heads = new Uint32Array(this.bands * this.buckets);
    for (let index = 0; index < this.count; index++) this.link(index);
  }
}
