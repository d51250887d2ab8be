import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { htmlToText } from './html-text.js';

type Root = ReturnType<typeof fromMarkdown>;
type Node = Root['children'][number];
type NodeOf<Type extends Node['type']> = Extract<Node, { type: Type }>;

/**
 * The readable text of CommonMark with GitHub's extensions: headings and paragraphs as lines (soft
 * line ends become spaces), list markers and nesting kept, code as it stands, ` | ` between table
 * cells, links as their text. Images (badges), comments, link definitions, rules and YAML front
 * matter are left out; HTML inside is read by `htmlToText`.
 */
export function markdownToText(markdown: string): string {
  const body = markdown.slice(frontMatterEnd(markdown));
  const root = fromMarkdown(body, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  return blocks(root.children).trim();
}

/** Where the YAML front matter of a Markdown file ends; 0 where it has none. */
function frontMatterEnd(markdown: string): number {
  const match = /^---[ \t]*\r?\n([\s\S]{0,8192}?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(markdown);
  if (match === null) return 0;
  const lines = match[1].split('\n');
  const isYaml =
    lines.some((line) => /^[\w"'.-]+\s*:(?:\s|$)/.test(line)) &&
    lines.every((line) => /^(?:\s|#|-|[\w"'.-]+\s*:(?:\s|$)|$)/.test(line));
  return isYaml ? match[0].length : 0;
}

function blocks(nodes: readonly Node[], between = '\n\n'): string {
  return nodes
    .map(block)
    .filter((text) => text !== '')
    .join(between);
}

function block(node: Node): string {
  switch (node.type) {
    case 'heading':
    case 'paragraph':
      return inlines(node.children)
        .replace(/(?<! ) *\n */g, '\n')
        .trim();
    case 'blockquote':
    case 'footnoteDefinition':
      return blocks(node.children);
    case 'list':
      return list(node);
    case 'code':
      return node.value;
    case 'html':
      return htmlToText(node.value);
    case 'table':
      return node.children
        .map((row) => row.children.map((cell) => inlines(cell.children).trim()).join(' | '))
        .join('\n');
    default:
      return '';
  }
}

function list(node: NodeOf<'list'>): string {
  const first = node.start ?? 1;
  const spread = node.spread || node.children.some((item) => item.spread);
  return node.children
    .map((item, i) => {
      const marker = node.ordered ? `${first + i}. ` : '- ';
      const box = item.checked === true ? '[x] ' : item.checked === false ? '[ ] ' : '';
      const text = box + blocks(item.children, spread ? '\n\n' : '\n');
      return marker + text.replace(/\n(?!\n|$)/g, `\n${' '.repeat(marker.length)}`);
    })
    .join(spread ? '\n\n' : '\n');
}

function inlines(nodes: readonly Node[]): string {
  return nodes.map(inline).join('');
}

function inline(node: Node): string {
  switch (node.type) {
    case 'text':
      return node.value.replace(/(?<![ \t])[ \t]*\r?\n[ \t]*/g, ' ');
    case 'inlineCode':
      return node.value;
    case 'break':
      return '\n';
    case 'html':
      return /^<br\b/i.test(node.value) ? '\n' : '';
    case 'emphasis':
    case 'strong':
    case 'delete':
    case 'link':
    case 'linkReference':
      return inlines(node.children);
    default:
      return '';
  }
}
