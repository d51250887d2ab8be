import type { AddedToken } from './parts.js';

/** Calls `onText` for each stretch of `text[start, end)` without added tokens, `onToken` for each of them. */
export type SplitByTokens = (
  text: string,
  parseSpecialTokens: boolean,
  onText: (start: number, end: number) => void,
  onToken: (token: AddedToken, start: number, end: number) => void,
) => void;

/**
 * Finds added tokens in a text, the leftmost first and of those the longest. As in Hugging Face's
 * library the tokens that are looked for before normalization win over those looked for after it,
 * and a special token that is not to be parsed is text through which no other token is looked for.
 */
export function splitByTokens(tokens: readonly AddedToken[]): SplitByTokens {
  const raw = matcher(tokens.filter((token) => !token.normalized));
  const normalized = matcher(tokens.filter((token) => token.normalized));
  return (text, parseSpecialTokens, onText, onToken) => {
    raw(text, 0, text.length, parseSpecialTokens, onToken, (start, end) =>
      normalized(text, start, end, parseSpecialTokens, onToken, onText),
    );
  };
}

type Matcher = (
  text: string,
  start: number,
  end: number,
  parseSpecialTokens: boolean,
  onToken: (token: AddedToken, start: number, end: number) => void,
  onText: (start: number, end: number) => void,
) => void;

function matcher(tokens: readonly AddedToken[]): Matcher {
  const onlySpecial = tokens.every((token) => token.special);
  const longestFirst = [...tokens].sort((a, b) => b.content.length - a.content.length);
  const byFirstUnit = new Map<number, AddedToken[]>();
  for (const token of longestFirst) {
    const unit = token.content.charCodeAt(0);
    const group = byFirstUnit.get(unit);
    if (group) group.push(token);
    else byFirstUnit.set(unit, [token]);
  }
  const begins = new Uint8Array(tokens.length > 0 ? 0x10000 : 0);
  for (const unit of byFirstUnit.keys()) begins[unit] = 1;

  const find = (text: string, at: number, end: number): AddedToken | undefined =>
    byFirstUnit
      .get(text.charCodeAt(at))
      ?.find(({ content }) => at + content.length <= end && text.startsWith(content, at));

  return (text, start, end, parseSpecialTokens, onToken, onText) => {
    let textStart = start;
    let at = tokens.length === 0 || (onlySpecial && !parseSpecialTokens) ? end : start;
    while (at < end) {
      const token = begins[text.charCodeAt(at)] === 1 ? find(text, at, end) : undefined;
      if (token === undefined) {
        at++;
        continue;
      }
      const tokenEnd = at + token.content.length;
      if (parseSpecialTokens || !token.special) {
        if (at > textStart) onText(textStart, at);
        onToken(token, at, tokenEnd);
        textStart = tokenEnd;
      }
      at = tokenEnd;
    }
    if (end > textStart) onText(textStart, end);
  };
}
