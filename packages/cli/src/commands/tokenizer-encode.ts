import { text as readAll } from 'node:stream/consumers';
import { loadTokenizer } from '@heddle/tokenizer/node';
import type { CommandContext, CommandResult } from '../command.js';
import { requirePath, runFolder } from '../steps/folder.js';

/** Token ids of the words given, or of standard input. */
export async function tokenizerEncode(
  { config }: CommandContext,
  words: readonly string[],
): Promise<CommandResult> {
  const tokenizer = await loadTokenizer(
    requirePath(runFolder(config.run).tokenizer, 'heddle tokenizer train'),
  );
  const text = words.length > 0 ? words.join(' ') : await readAll(process.stdin);
  const ids = [...tokenizer.encode(text).ids];
  return {
    text: ids.join(' '),
    json: { ids, tokens: ids.map((id) => tokenizer.tokenOf(id) ?? '') },
  };
}
