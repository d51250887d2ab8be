export interface Fence {
  readonly code: string;
  /** Line of the opening fence in the document, from 1. */
  readonly line: number;
}

/** The programs in a Markdown text: its fences marked exactly `ts`. Fragments are marked `ts fragment`. */
export function fences(markdown: string): Fence[] {
  const found: Fence[] = [];
  let open: { marker: string; line: number; code: string[] } | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    if (open === undefined) {
      const fence = line.match(/^```(.*)$/);
      if (fence) open = { marker: fence[1].trim(), line: index + 1, code: [] };
    } else if (line.trim() === '```') {
      if (open.marker === 'ts') found.push({ code: `${open.code.join('\n')}\n`, line: open.line });
      open = undefined;
    } else {
      open.code.push(line);
    }
  }
  return found;
}
