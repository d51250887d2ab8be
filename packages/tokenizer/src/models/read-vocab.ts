import { bad, idAt, type JsonObject, shown } from '../json-reader.js';
import { MOST_TOKENS } from '../limits.js';

/** Tokens with their ids; no two have the same. */
export function vocabAt(section: JsonObject, place: string): Map<string, number> {
  const names = Object.keys(section);
  checkCount(names.length, place, 'tokens');
  const vocab = new Map<string, number>();
  const tokens: string[] = [];
  for (const token of names) {
    const at = (): string => `${place}[${shown(token)}]`;
    const id = idAt(section[token], at, MOST_TOKENS);
    if (tokens[id] !== undefined) {
      throw bad(at(), `has the id ${id}, which ${shown(tokens[id])} has already`);
    }
    tokens[id] = token;
    vocab.set(token, id);
  }
  return vocab;
}

export function checkCount(count: number, place: string, what: string): void {
  if (count > MOST_TOKENS) throw bad(place, `has ${count} ${what}, more than ${MOST_TOKENS}`);
}
