import type { LayoutItem } from '../parts.js';

const FIRST: LayoutItem = { text: 'first', typeId: 0 };

/** The texts as they are; the tokens of a second one have the type 1. */
export function plainLayout(pair: boolean): readonly LayoutItem[] {
  return pair ? [FIRST, { text: 'second', typeId: 1 }] : [FIRST];
}
