import { Parser } from 'htmlparser2';

const MAX_DEPTH = 5_000;

/** Elements whose content is no text of the page. */
const DROPPED: ReadonlySet<string> = new Set(
  'script style noscript template title nav svg canvas iframe object audio video select textarea button'.split(
    ' ',
  ),
);
/** Elements that stand apart by a blank line. */
const PARAGRAPHS: ReadonlySet<string> = new Set(
  'p h1 h2 h3 h4 h5 h6 ul ol dl table pre blockquote figure'.split(' '),
);
/** Elements that begin and end a line. */
const LINES: ReadonlySet<string> = new Set(
  'address article aside body center dd details div dt fieldset figcaption footer form header hgroup hr html legend li main section summary tbody tfoot thead tr'.split(
    ' ',
  ),
);

/**
 * The readable text of an HTML page or fragment: scripts, styles, navigation and hidden elements
 * left out, entities decoded, a line for each block, a blank line around paragraphs, `- ` or `1. `
 * before list items, ` | ` between table cells, white space kept in `pre`. Broken markup is read
 * as htmlparser2 reads it.
 *
 * @throws RangeError for elements nested more than 5,000 deep, which no page has.
 */
export function htmlToText(html: string): string {
  const text = new TextLayout();
  /** Open elements; `droppedAt` is the height of the outermost one that is left out, or 0. */
  let height = 0;
  let droppedAt = 0;
  let cells = 0;
  const lists: { readonly ordered: boolean; items: number }[] = [];

  const open = (name: string): void => {
    if (PARAGRAPHS.has(name)) text.blankLine(lists.length > 0 && (name === 'ul' || name === 'ol'));
    else if (LINES.has(name) || name === 'br') text.lineEnd();
    if (name === 'pre') text.preformatted++;
    else if (name === 'ul' || name === 'ol') lists.push({ ordered: name === 'ol', items: 0 });
    else if (name === 'tr') cells = 0;
    else if ((name === 'td' || name === 'th') && cells++ > 0) text.raw(' | ');
    else if (name === 'li') {
      const list = lists.at(-1);
      const marker = list?.ordered ? `${++list.items}. ` : '- ';
      text.raw('  '.repeat(Math.min(Math.max(lists.length - 1, 0), 16)) + marker);
    }
  };
  const close = (name: string): void => {
    if (name === 'pre') text.preformatted--;
    else if (name === 'ul' || name === 'ol') lists.pop();
    if (PARAGRAPHS.has(name)) text.blankLine(lists.length > 0 && (name === 'ul' || name === 'ol'));
    else if (LINES.has(name)) text.lineEnd();
  };

  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (++height > MAX_DEPTH) throw new RangeError(`more than ${MAX_DEPTH} open elements`);
        if (droppedAt > 0) return;
        if (DROPPED.has(name) || isHidden(attributes)) droppedAt = height;
        else open(name);
      },
      ontext(data) {
        if (droppedAt === 0) text.append(data);
      },
      onclosetag(name) {
        if (droppedAt === 0) close(name);
        else if (droppedAt === height) droppedAt = 0;
        height--;
      },
    },
    { decodeEntities: true },
  );
  parser.end(html);
  return text.toString();
}

function isHidden(attributes: { readonly [name: string]: string }): boolean {
  if ('hidden' in attributes || attributes['aria-hidden'] === 'true') return true;
  return /display\s*:\s*none|visibility\s*:\s*hidden/i.test(attributes.style ?? '');
}

/** Lays text out: collapses white space, and never more than one blank line. */
class TextLayout {
  /** How many `pre` elements are open. */
  preformatted = 0;
  private readonly pieces: string[] = [];
  private pendingLineEnds = 0;
  private pendingSpace = false;
  private atLineStart = true;

  append(data: string): void {
    if (this.preformatted > 0) {
      const lines = this.atLineStart ? data.replace(/^\r?\n/, '') : data;
      if (lines !== '') this.raw(lines);
      return;
    }
    const words = data.replace(/[ \t\n\f\r]+/g, ' ');
    const inner = words.replace(/^ | $/g, '');
    if (inner === '') {
      this.pendingSpace ||= words !== '';
      return;
    }
    if (words.startsWith(' ')) this.pendingSpace = true;
    this.raw(inner);
    this.pendingSpace = words.endsWith(' ');
  }

  /** Writes `data` as it is, after what line ends and space are due. */
  raw(data: string): void {
    if (this.pendingLineEnds > 0 && this.pieces.length > 0) {
      this.pieces.push('\n'.repeat(this.pendingLineEnds));
    } else if (this.pendingSpace && !this.atLineStart) {
      this.pieces.push(' ');
    }
    this.pendingLineEnds = 0;
    this.pendingSpace = false;
    this.pieces.push(data);
    this.atLineStart = data.endsWith(' ') || data.endsWith('\n');
  }

  lineEnd(): void {
    this.pendingLineEnds = Math.max(this.pendingLineEnds, 1);
    this.pendingSpace = false;
    this.atLineStart = true;
  }

  /** A blank line, or with `nested` (a list in a list) only a line end. */
  blankLine(nested: boolean): void {
    this.lineEnd();
    if (!nested) this.pendingLineEnds = 2;
  }

  toString(): string {
    return this.pieces
      .join('')
      .replace(/(?<![ \t])[ \t]+$/gm, '')
      .trim();
  }
}
