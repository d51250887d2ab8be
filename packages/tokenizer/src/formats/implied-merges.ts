import { arrayAt, type JsonObject, stringAt } from '../json-reader.js';
import { mergesOfTokens } from './merges-of-tokens.js';
import { notWritable } from './tokenizer-sections.js';

export type Merge = readonly [left: string, right: string];

/** The merges of a model that this package wrote: pairs of tokens. */
export function mergesOf(model: JsonObject): Merge[] {
  return arrayAt(model.merges, 'model.merges').map((merge, index) => {
    const at = `model.merges[${index}]`;
    const [left, right] = arrayAt(merge, at);
    return [stringAt(left, at), stringAt(right, at)];
  });
}

/**
 * Refuses merges that give other ids than `mergesOfTokens(ranks, longest)`, which a format without merges means.
 *
 * Those have to be there, in that order. Others may stand anywhere between them if they too join two of the
 * tokens to one: of the ways to cut a token in two only the one of `mergesOfTokens` ever comes up.
 */
export function checkImplied(
  merges: readonly Merge[],
  ranks: ReadonlyMap<string, number>,
  longest: number,
  format: string,
): void {
  const refuse = (index: number, reason: string) => {
    const [left, right] = merges[index];
    const shown = `${JSON.stringify(left)} and ${JSON.stringify(right)}`;
    return notWritable(format, `model.merges[${index}]`, `${shown} ${reason}`);
  };
  const implied = new Set(mergesOfTokens(ranks, longest).map(keyOf));
  let last = -1;
  for (const [index, merge] of merges.entries()) {
    const token = merge.join('');
    const rank = ranks.get(token);
    if (rank === undefined || !merge.every((part) => ranks.has(part))) {
      throw refuse(index, 'are not merged there: a special token would have part in it');
    }
    if (token.length > longest) throw refuse(index, `make a token of more than ${longest} units`);
    if (!implied.delete(keyOf(merge))) continue;
    if (rank < last) throw refuse(index, 'stand behind merges that come later there');
    last = rank;
  }
  for (const key of implied) {
    const [length, joined] = key.split(/ (.*)/s);
    const shown = [joined.slice(0, Number(length)), joined.slice(Number(length))]
      .map((part) => JSON.stringify(part))
      .join(' and ');
    throw notWritable(format, 'model.merges', `${shown} are merged there, and are no merge of it`);
  }
}

/** The same text only for the same two tokens. */
function keyOf([left, right]: Merge): string {
  return `${left.length} ${left}${right}`;
}
