import { byteLevelModel, tokenTexts } from './byte-level-sections.js';
import { GPT2_VERSION } from './gpt2-files.js';
import {
  notWritable,
  sectionsOf,
  type TokenizerSections,
  type WritableTokenizer,
} from './tokenizer-sections.js';
import { checkWholeTokens } from './whole-tokens.js';

export interface Gpt2Files {
  /** The content of `vocab.json`. */
  readonly vocab: string;
  /** The content of `merges.txt`. */
  readonly merges: string;
}

const FORMAT = 'vocab.json with merges.txt';

/**
 * A byte-level BPE tokenizer as the two files of GPT-2, for `gpt2Json` and transformers. They have neither the
 * pattern, nor `nfc`, nor the prefix space, nor which tokens are special: these are options of who reads them.
 *
 * @throws HeddleError `tokenizer/not-writable` for a tokenizer of another kind, another normalizer than NFC, special
 * tokens around a text, merges of tokens with spaces, and ids of special tokens that do not follow on the vocabulary
 */
export function toGpt2Files(tokenizer: WritableTokenizer): Gpt2Files {
  const sections = sectionsOf(tokenizer, FORMAT);
  const { vocab, merges } = byteLevelModel(sections);
  const { normalizer } = sections;
  if (normalizer.length > 1 || (normalizer[0] && normalizer[0].type !== 'NFC')) {
    throw notWritable(FORMAT, 'normalizer', `it is ${normalizer[0].type}, not NFC alone`);
  }
  checkNewTokens(vocab, sections);
  checkWholeTokens(sections, false, tokenTexts(vocab.keys()), true);
  const entries = [...vocab].sort((a, b) => a[1] - b[1]);
  return {
    // Not from an object: keys that are numbers would come first.
    vocab: `{${entries.map(([token, id]) => `${JSON.stringify(token)}:${id}`).join()}}`,
    merges: [
      GPT2_VERSION,
      ...merges.map(([left, right], index) => {
        const place = `model.merges[${index}]`;
        if (/[ \r\n]/.test(left + right)) {
          throw notWritable(FORMAT, place, 'a token has a space or a line end');
        }
        if (!left.startsWith('#version')) return `${left} ${right}`;
        throw notWritable(FORMAT, place, 'a line that begins with #version is no merge');
      }),
      '',
    ].join('\n'),
  };
}

/** Special tokens that are not in the vocabulary get the ids after it when the files are read. */
function checkNewTokens(
  vocab: ReadonlyMap<string, number>,
  { addedTokens }: TokenizerSections,
): void {
  let next = 0;
  for (const id of vocab.values()) next = Math.max(next, id + 1);
  for (const { id, content } of addedTokens) {
    if (vocab.has(content) || id === next++) continue;
    const reason = `${JSON.stringify(content)} has the id ${id}, and would get ${next - 1}`;
    throw notWritable(FORMAT, 'added_tokens', reason);
  }
}
