/** The tokens that are one character, after a prefix and before a suffix, by code point. */
export class CharacterIds {
  readonly #basic: Int32Array = new Int32Array(0x10000).fill(-1);
  readonly #astral = new Map<number, number>();

  constructor(vocab: ReadonlyMap<string, number>, prefix: string, suffix: string) {
    const around = prefix.length + suffix.length;
    for (const [token, id] of vocab) {
      const length = token.length - around;
      if (length < 1 || length > 2 || !token.startsWith(prefix) || !token.endsWith(suffix))
        continue;
      const point = token.codePointAt(prefix.length) as number;
      if (point > 0xffff) {
        if (length === 2) this.#astral.set(point, id);
      } else if (length === 1) this.#basic[point] = id;
    }
  }

  /** The id of a character, or -1. */
  get(point: number): number {
    return point > 0xffff ? (this.#astral.get(point) ?? -1) : this.#basic[point];
  }
}
