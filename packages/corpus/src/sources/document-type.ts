/** How a document's text is to be read. */
export type DocumentType = 'text' | 'markdown' | 'html';

const EXTENSIONS: ReadonlyMap<string, DocumentType | 'jsonl'> = new Map([
  ['md', 'markdown'],
  ['markdown', 'markdown'],
  ['mdx', 'markdown'],
  ['html', 'html'],
  ['htm', 'html'],
  ['xhtml', 'html'],
  ['jsonl', 'jsonl'],
  ['ndjson', 'jsonl'],
]);

/** The type that a file's name declares; undefined where its content has to tell. */
export function typeOfName(name: string): DocumentType | 'jsonl' | undefined {
  return EXTENSIONS.get(/\.([^./]+)$/.exec(name.replace(/\.gz$/i, ''))?.[1]?.toLowerCase() ?? '');
}

/** The type that a text's beginning shows. */
export function typeOfText(text: string): DocumentType {
  return /^\s{0,64}(?:<\?xml[^>]{0,200}>\s{0,64})?<(?:!doctype html|html)\b/i.test(
    text.slice(0, 512),
  )
    ? 'html'
    : 'text';
}
