import { open, rename, rm } from 'node:fs/promises';
import { HeddleError, type Tokenizer, withIo } from '@heddle/core';
import { fileAt, kindOf } from './files/kinds.js';
import type { TextTokenizer } from './tokenizer.js';

/**
 * Reads a tokenizer: a `tokenizer.json`, or another file, which is told by the end of its path: `.gguf`, `.model`
 * (SentencePiece), `vocab.txt` (BERT), `merges.txt` with the `vocab.json` beside it (GPT-2), `.tiktoken` by the names
 * of OpenAI's encodings. In a folder it is the first of `tokenizer.json`, `merges.txt`, `vocab.txt`,
 * `tokenizer.model`, `spiece.model` and `sentencepiece.bpe.model`.
 *
 * What such a file leaves out is taken from the `tokenizer_config.json` beside it.
 *
 * @throws HeddleError `io` where it cannot be read, `bad-file` where it is not what its name says, `invalid-argument`
 * for other `.tiktoken` files, `tokenizer/unsupported` for a configuration of another tokenizer, and all
 * that `tokenizerFromJson` throws
 */
export async function loadTokenizer(path: string): Promise<TextTokenizer> {
  const file = fileAt(path);
  try {
    return await kindOf(file).read(file);
  } catch (error) {
    if (!HeddleError.is(error) || error.message.includes(file)) throw error;
    throw new HeddleError(error.code, `${file}: ${error.message}`, error.details, { cause: error });
  }
}

/**
 * Writes a tokenizer: a `tokenizer.json`, which Hugging Face's libraries read too, unless the path ends in `.model`
 * (SentencePiece), `.tiktoken` or `vocab.txt` (BERT). A file of that name is replaced only once the new one is whole.
 *
 * @throws HeddleError `io`; `tokenizer/not-writable` for what these formats cannot hold; `invalid-argument` for
 * `.gguf`, `vocab.json` and `merges.txt`
 */
export async function saveTokenizer(tokenizer: Tokenizer, path: string): Promise<void> {
  const content = await kindOf(path).write(tokenizer, path);
  const temporary = `${path}.${process.pid}.tmp`;
  await withIo('write', path, async () => {
    try {
      const file = await open(temporary, 'w');
      try {
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  });
}
