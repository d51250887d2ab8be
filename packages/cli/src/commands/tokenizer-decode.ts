import { text as readAll } from 'node:stream/consumers';
import { HeddleError } from '@heddle/core';
import { loadTokenizer } from '@heddle/tokenizer/node';
import type { CommandContext, CommandResult } from '../command.js';
import { requirePath, runFolder } from '../steps/folder.js';

/** The text of the ids given, or of those on standard input. */
export async function tokenizerDecode(
  { config }: CommandContext,
  words: readonly string[],
): Promise<CommandResult> {
  const tokenizer = await loadTokenizer(
    requirePath(runFolder(config.run).tokenizer, 'heddle tokenizer train'),
  );
  const given = (words.length > 0 ? words.join(' ') : await readAll(process.stdin))
    .split(/[\s,]+/)
    .filter(Boolean);
  const ids = given.map((word) => {
    if (/^\d+$/.test(word)) return Number(word);
    throw new HeddleError('cli/usage', `"${word}" is not a token id; give whole numbers.`, {
      argument: word,
    });
  });
  const text = tokenizer.decode(ids, { skipSpecialTokens: false });
  return { text, json: { text } };
}
