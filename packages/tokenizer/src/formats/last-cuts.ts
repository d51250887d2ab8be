import { PairTable } from '../models/pair-table.js';

/** Where the last two symbols of each token meet before it is whole, when any two may merge that are a token together. */
export class LastCuts {
  /** By place in the order: the unit where the second symbol begins, 0 if it does not come to two. */
  readonly #cuts: Int32Array;
  /** Numbers of symbols: the places of tokens, then those of characters that are none. */
  readonly #numbers: Map<string, number>;
  /** What two symbols become: the place of a token. */
  readonly #merged: PairTable;
  /** The symbols of a token, and where they begin, its end after them. */
  readonly #symbols: Int32Array;
  readonly #starts: Int32Array;

  /** @param longest units of the longest token to look at */
  constructor(ordered: readonly string[], longest: number) {
    this.#cuts = new Int32Array(ordered.length);
    this.#numbers = new Map(ordered.map((token, place) => [token, place]));
    this.#merged = new PairTable(ordered.length);
    this.#symbols = new Int32Array(longest);
    this.#starts = new Int32Array(longest + 1);
    const places = ordered.flatMap((token, place) => (token.length <= longest ? [place] : []));
    // What merges inside of a token is shorter than it is.
    for (const place of places.sort((a, b) => ordered[a].length - ordered[b].length)) {
      this.#add(ordered[place], place);
    }
  }

  of(place: number): readonly number[] {
    return this.#cuts[place] > 0 ? [this.#cuts[place]] : [];
  }

  #add(token: string, place: number): void {
    const symbols = this.#symbols;
    const starts = this.#starts;
    let count = this.#readSymbols(token);
    for (; count > 2; count--) {
      let best = -1;
      let at = 0;
      for (let i = 0; i + 1 < count; i++) {
        const merged = this.#merged.get(symbols[i], symbols[i + 1]);
        // As unsigned numbers, -1 (no merge) is above every place.
        if (merged >>> 0 < best >>> 0) {
          best = merged;
          at = i;
        }
      }
      if (best < 0) return;
      symbols[at] = best;
      symbols.copyWithin(at + 1, at + 2, count);
      starts.copyWithin(at + 1, at + 2, count + 1);
    }
    if (count < 2) return;
    this.#cuts[place] = starts[1];
    this.#merged.add(symbols[0], symbols[1], place);
  }

  #readSymbols(token: string): number {
    let count = 0;
    for (const character of token) {
      this.#symbols[count] = this.#numberOf(character);
      this.#starts[count + 1] = this.#starts[count] + character.length;
      count++;
    }
    return count;
  }

  #numberOf(character: string): number {
    let number = this.#numbers.get(character);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(character, number);
    }
    return number;
  }
}
