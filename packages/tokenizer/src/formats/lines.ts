import { MOST_TOKENS } from '../limits.js';
import { badFile } from './bad-file.js';

/** The lines of a file of tokens, without their ends; what follows the last line end is one only if it is not empty. */
export function linesOf(text: string, path: string): string[] {
  const lines = text.split('\n', MOST_TOKENS + 2);
  if (lines.at(-1) === '') lines.pop();
  if (lines.length > MOST_TOKENS) throw badFile(path, `has more than ${MOST_TOKENS} lines`);
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}
