import { check, show } from '../assert.js';
import type { TokenizerTest } from './suite.js';

const PROPERTY_NAMES = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'valueOf', ''];

export function vocabularyTests(test: TokenizerTest): void {
  test('vocabulary', 'idOf and tokenOf are inverse', (tokenizer) => {
    for (let id = 0; id < tokenizer.vocabSize; id++) {
      const token = tokenizer.tokenOf(id);
      if (token === undefined) continue;
      const back = tokenizer.idOf(token);
      check(back === id, () => `tokenOf(${id}) is ${show(token)}, but idOf of that is ${back}`);
    }
  });

  test('vocabulary', 'vocabSize is one more than the largest id', (tokenizer) => {
    const { vocabSize } = tokenizer;
    check(Number.isSafeInteger(vocabSize) && vocabSize > 0, `vocabSize is ${vocabSize}`);
    const last = tokenizer.tokenOf(vocabSize - 1);
    check(last !== undefined, () => `no token has the id ${vocabSize - 1}`);
  });

  test('vocabulary', 'what is not in it is undefined', (tokenizer) => {
    for (const id of [tokenizer.vocabSize, -1, 0.5, Number.NaN, 2 ** 32]) {
      const token: unknown = tokenizer.tokenOf(id);
      check(token === undefined, () => `tokenOf(${id}) should be undefined, is ${show(token)}`);
    }
    const absent: unknown = tokenizer.idOf('no vocabulary has this as one token \u0000\uffff');
    check(absent === undefined, () => `idOf of a token that does not exist is ${show(absent)}`);
  });

  test('vocabulary', 'names of object properties are nothing special', (tokenizer) => {
    for (const name of PROPERTY_NAMES) {
      const id: unknown = tokenizer.idOf(name);
      const right = id === undefined || (typeof id === 'number' && tokenizer.tokenOf(id) === name);
      check(right, () => `idOf(${show(name)}) is ${String(id)}`);
    }
  });
}
