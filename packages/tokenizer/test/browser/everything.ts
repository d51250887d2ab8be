import * as chat from '../../src/chat/index.js';
import * as main from '../../src/index.js';
import { serve } from './requests.js';

/** All that runs in browsers; the functions that are not called are kept in the program by being reachable. */
serve(({ tokenizer, texts }) => {
  const { encode, decode } = main.tokenizerFromJson(tokenizer);
  return texts.map((text) => {
    const { ids } = encode(text);
    if (decode(ids) === undefined) throw new Error('no text');
    return [...ids];
  });
});
Object.assign(globalThis, { heddle: { ...main, ...chat } });
