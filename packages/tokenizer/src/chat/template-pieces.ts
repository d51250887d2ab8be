/** A stretch of a template: text, or a tag with its braces, without the signs that ask for white space to go. */
export interface TemplatePiece {
  readonly kind: 'text' | 'statement' | 'expression';
  readonly source: string;
  /** Where it begins; from 1 on. */
  readonly line: number;
}

/** A tag as it stands in the source. */
interface Tag {
  readonly kind: 'statement' | 'expression' | 'comment';
  readonly start: number;
  readonly end: number;
  /** `-` takes the white space before or after the tag away, `+` keeps it. */
  readonly before: string;
  readonly after: string;
}

const CLOSING = { statement: '%}', expression: '}}', comment: '#}' } as const;
const KINDS = new Map<string, Tag['kind']>([
  ['{%', 'statement'],
  ['{{', 'expression'],
  ['{#', 'comment'],
]);

/**
 * Cuts a template into text and tags. White space around them goes as Jinja says with `trim_blocks` and
 * `lstrip_blocks`, as Hugging Face's transformers sets it: a statement on a line of its own leaves no line.
 */
export function templatePieces(template: string): TemplatePiece[] {
  const source = template.replace(/\r\n?/g, '\n').replace(/\n$/, '');
  const pieces: TemplatePiece[] = [];
  let line = 1;
  let at = 0;
  let last: Tag | undefined;
  const add = (kind: TemplatePiece['kind'], text: string): void => {
    if (text !== '') pieces.push({ kind, source: text, line });
  };
  for (;;) {
    const tag = nextTag(source, at);
    const end = tag?.start ?? source.length;
    add('text', textBetween(source, at, end, last, tag));
    line += newlines(source, at, end);
    if (!tag) return pieces;
    if (tag.kind !== 'comment') add(tag.kind, bare(source, tag));
    line += newlines(source, tag.start, tag.end);
    at = tag.end;
    last = tag;
  }
}

function nextTag(source: string, from: number): Tag | undefined {
  const found = /\{[%{#]/g;
  found.lastIndex = from;
  const start = found.exec(source)?.index;
  if (start === undefined) return undefined;
  const kind = KINDS.get(source.slice(start, start + 2)) as Tag['kind'];
  const end = tagEnd(source, start + 2, kind);
  const sign = (place: number): string => (/[-+]/.test(source[place]) ? source[place] : '');
  const after = end - start > 4 ? sign(end - 3) : '';
  return { kind, start, end, before: sign(start + 2), after };
}

/** After the closing of a tag, or the end of the source: the tag is then an error for the parser. */
function tagEnd(source: string, from: number, kind: Tag['kind']): number {
  const closing = CLOSING[kind];
  if (kind === 'comment') {
    const end = source.indexOf(closing, from);
    return end < 0 ? source.length : end + 2;
  }
  let depth = 0;
  for (let at = from; at < source.length; at++) {
    const char = source[at];
    if (depth === 0 && source.startsWith(closing, at)) return at + 2;
    if (char === '{') depth++;
    else if (char === '}') depth = Math.max(0, depth - 1);
    else if (char === '"' || char === "'") at = stringEnd(source, at);
  }
  return source.length;
}

function stringEnd(source: string, start: number): number {
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === '\\') at++;
    else if (source[at] === source[start]) return at;
  }
  return source.length;
}

function bare(source: string, { start, end, before, after }: Tag): string {
  const inner = source.slice(start + 2 + before.length, end - 2 - after.length);
  return source.slice(start, start + 2) + inner + source.slice(end - 2, end);
}

function textBetween(
  source: string,
  start: number,
  end: number,
  last: Tag | undefined,
  next: Tag | undefined,
): string {
  let text = source.slice(start, end);
  if (next?.before === '-') text = text.trimEnd();
  else if (next && next.kind !== 'expression' && next.before !== '+') {
    const lineStart = text.lastIndexOf('\n') + 1;
    const whole = lineStart > 0 || start === 0;
    if (whole && /^[ \t]*$/.test(text.slice(lineStart))) text = text.slice(0, lineStart);
  }
  if (last?.after === '-') text = text.trimStart();
  else if (last && last.kind !== 'expression' && last.after !== '+') text = text.replace(/^\n/, '');
  return text;
}

function newlines(source: string, start: number, end: number): number {
  let count = 0;
  // Not by `indexOf`, which looks far beyond the end where no line ends.
  for (let at = start; at < end; at++) if (source.charCodeAt(at) === 0x0a) count++;
  return count;
}
