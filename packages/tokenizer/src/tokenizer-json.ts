import { addedTokensAt, checkIds } from './added-tokens-json.js';
import { decoderAt } from './decoders/read.js';
import { arrayAt, bad, objectAt, onlyKeys, unsupported } from './json-reader.js';
import { modelAt } from './models/read.js';
import { normalizerAt } from './normalizers/read.js';
import { paddingAt } from './padding.js';
import type { PostProcessor } from './parts.js';
import { postProcessorAt } from './post-processors/read.js';
import { preTokenizerAt } from './pre-tokenizers/read.js';
import { scanInWasm } from './scanner/scan-in-wasm.js';
import { assemble, type TextTokenizer } from './tokenizer.js';
import { truncationAt } from './truncation.js';

/**
 * The tokenizer of the content of a `tokenizer.json`, the format of Hugging Face's `tokenizers`.
 *
 * @throws HeddleError `tokenizer/unsupported` for a part that this package does not have,
 * `tokenizer/bad-json` for content that contradicts itself or the format
 */
export function tokenizerFromJson(json: unknown): TextTokenizer {
  const root = objectAt(json, 'the file');
  onlyKeys(root, ROOT_KEYS, '');
  if (root.version !== undefined && root.version !== '1.0') {
    throw unsupported('version', root.version, '"1.0"');
  }
  /** A part that may be left out. */
  const part = <T>(key: string, read: (value: unknown, place: string) => T): T | null =>
    (root[key] ?? null) === null ? null : read(root[key], key);
  const preTokenizer = part('pre_tokenizer', preTokenizerAt);
  const addedTokens = addedTokensAt(arrayAt(root.added_tokens ?? [], 'added_tokens'));
  const special = new Set(addedTokens.filter((token) => token.special).map((t) => t.content));
  const model = modelAt(root.model, 'model', { bytes: preTokenizer?.bytes ?? false, special });
  checkIds(model, addedTokens);
  const postProcessor = part('post_processor', postProcessorAt);
  const tokenizer = assemble({
    addedTokens,
    normalizer: part('normalizer', normalizerAt),
    preTokenizer,
    model,
    accelerate: scanInWasm,
    postProcessor,
    decoder: part('decoder', decoderAt),
    truncation: part('truncation', truncationAt),
    padding: part('padding', paddingAt),
  });
  checkLayout(postProcessor, tokenizer);
  return tokenizer;
}

/** Tokens that are put around texts are tokens. */
function checkLayout(postProcessor: PostProcessor | null, tokenizer: TextTokenizer): void {
  const items = postProcessor ? [false, true].flatMap((pair) => postProcessor.layout(pair)) : [];
  for (const item of items) {
    if ('text' in item || tokenizer.tokenOf(item.specialToken) !== undefined) continue;
    throw bad('post_processor', `adds the id ${item.specialToken}, which no token has`);
  }
}

const ROOT_KEYS = [
  'version',
  'truncation',
  'padding',
  'added_tokens',
  'normalizer',
  'pre_tokenizer',
  'post_processor',
  'decoder',
  'model',
];
