import { bad, flagAt, idAt, objectAt, onlyKeys, shown, stringAt } from './json-reader.js';
import { MOST_TOKENS } from './limits.js';
import type { AddedToken, Model } from './parts.js';

const ADDED_TOKEN_KEYS = [
  'id',
  'content',
  'single_word',
  'lstrip',
  'rstrip',
  'normalized',
  'special',
];

/** The section `added_tokens` of a `tokenizer.json`. */
export function addedTokensAt(section: readonly unknown[]): AddedToken[] {
  if (section.length > MOST_TOKENS) {
    throw bad('added_tokens', `has ${section.length} tokens, more than ${MOST_TOKENS}`);
  }
  const contents = new Set<string>();
  return section.map((value, index) => {
    const place = `added_tokens[${index}]`;
    const token = objectAt(value, place);
    onlyKeys(token, ADDED_TOKEN_KEYS, place);
    const content = stringAt(token.content, `${place}.content`);
    if (content === '' || /\p{Surrogate}/u.test(content)) {
      throw bad(`${place}.content`, `${shown(content)} is empty or not Unicode text`);
    }
    if (contents.has(content)) {
      throw bad(`${place}.content`, `${shown(content)} stands there twice`);
    }
    contents.add(content);
    const id = idAt(token.id, () => `${place}.id`, MOST_TOKENS);
    const special = flagAt(token.special, `${place}.special`, false);
    return {
      id,
      content,
      special,
      normalized: flagAt(token.normalized, `${place}.normalized`, !special),
      lstrip: flagAt(token.lstrip, `${place}.lstrip`, false),
      rstrip: flagAt(token.rstrip, `${place}.rstrip`, false),
      singleWord: flagAt(token.single_word, `${place}.single_word`, false),
    };
  });
}

/** No token has two ids and no id two tokens, and those of the model have no gap; added tokens may leave one. */
export function checkIds({ vocab }: Model, addedTokens: readonly AddedToken[]): void {
  const owners: string[] = [];
  for (const [token, id] of vocab) owners[id] = token;
  const size = owners.length;
  for (const [index, { id, content }] of addedTokens.entries()) {
    const place = `added_tokens[${index}].id`;
    const modelId = vocab.get(content);
    if (modelId !== undefined && modelId !== id) {
      throw bad(place, `is ${id}, but model.vocab has ${modelId} for this token`);
    }
    if (owners[id] !== undefined && owners[id] !== content) {
      throw bad(place, `is ${id}, which ${shown(owners[id])} has already`);
    }
    owners[id] = content;
  }
  for (let id = 0; id < size; id++) {
    if (owners[id] === undefined) {
      throw bad('model.vocab', `no token has the id ${id}; the ids go up to ${size - 1}`);
    }
  }
}
