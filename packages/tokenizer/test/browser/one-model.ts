import { addedTokensAt } from '../../src/added-tokens-json.js';
import { byteLevelDecoder } from '../../src/decoders/byte-level.js';
import { bpeModel } from '../../src/models/bpe-model.js';
import { mergesAt } from '../../src/models/read-merges.js';
import { vocabAt } from '../../src/models/read-vocab.js';
import { byteLevelPreTokenizer } from '../../src/pre-tokenizers/byte-level.js';
import { assemble } from '../../src/tokenizer.js';
import { serve } from './requests.js';

/** Only what encodes as GPT-2 does, of the vocabulary and merges of an object. */
serve(({ tokenizer, texts }) => {
  const { model, added_tokens } = tokenizer as {
    model: { vocab: Record<string, unknown>; merges: unknown };
    added_tokens: unknown[];
  };
  const vocab = vocabAt(model.vocab, 'vocab');
  const bpe = bpeModel(vocab, mergesAt(model.merges, 'merges', vocab, ''));
  const { encode } = assemble({
    addedTokens: addedTokensAt(added_tokens),
    normalizer: null,
    preTokenizer: byteLevelPreTokenizer({ addPrefixSpace: false }),
    model: bpe,
    postProcessor: null,
    decoder: byteLevelDecoder(),
  });
  return texts.map((text) => [...encode(text).ids]);
});
