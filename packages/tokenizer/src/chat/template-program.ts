import { HeddleError } from '@heddle/core';
import { parse, type TemplateNode, type TemplateToken, tokenize } from './jinja.js';
import { type TemplatePiece, templatePieces } from './template-pieces.js';

/** Variables that stand where a block `generation` begins and ends; no template can name them. */
export const GENERATION_BEGINS = 'generation begins';
export const GENERATION_ENDS = 'generation ends';

/** Templates in use are at most about 20 KB long, and their tags about 1 KB. */
const MOST_UNITS = 1 << 20;
const MOST_TAG_UNITS = 1 << 14;

/**
 * Parses a template. Before each tag stands a comment with its line, so that the interpreter knows where it is.
 *
 * @throws tokenizer/bad-template
 */
export function templateProgram(template: string): {
  readonly program: TemplateNode;
  /** Whether blocks `generation` tell what the assistant writes. */
  readonly marksGeneration: boolean;
} {
  if (template.length > MOST_UNITS)
    throw badTemplate(1, `it is longer than ${MOST_UNITS} characters`);
  const tokens: TemplateToken[] = [];
  const lines: number[] = [];
  let marksGeneration = false;
  for (const piece of templatePieces(template)) {
    const generation = generationTag(piece);
    if (generation) marksGeneration = true;
    const own = generation ?? tokensOf(piece);
    if (piece.kind !== 'text') own.unshift({ type: 'Comment', value: String(piece.line) });
    tokens.push(...own);
    for (const _token of own) lines.push(piece.line);
  }
  const { reached, list } = watched(tokens);
  try {
    return { program: parse(list), marksGeneration };
  } catch (error) {
    const at = reached();
    const line = lines[Math.min(at, lines.length - 1)] ?? 1;
    if (at >= tokens.length) throw badTemplate(line, 'it ends where a block is still open', error);
    throw badTemplate(line, reasonOf(error), error);
  }
}

function generationTag({ kind, source }: TemplatePiece): TemplateToken[] | undefined {
  const found = kind === 'statement' ? /^\{%\s*(end)?generation\s*%\}$/.exec(source) : null;
  if (!found) return undefined;
  return [
    { type: 'OpenExpression', value: '{{' },
    { type: 'Identifier', value: found[1] ? GENERATION_ENDS : GENERATION_BEGINS },
    { type: 'CloseExpression', value: '}}' },
  ];
}

function tokensOf({ kind, source, line }: TemplatePiece): TemplateToken[] {
  if (kind === 'text') return [{ type: 'Text', value: source }];
  if (source.length > MOST_TAG_UNITS)
    throw badTemplate(line, `a tag is longer than ${MOST_TAG_UNITS} characters`);
  try {
    return tokenize(source);
  } catch (error) {
    throw badTemplate(line, reasonOf(error), error);
  }
}

/** The tokens, and the furthest one that was looked at. */
function watched(tokens: TemplateToken[]): { readonly list: TemplateToken[]; reached(): number } {
  let furthest = 0;
  const list = new Proxy(tokens, {
    get(target, key) {
      const index = typeof key === 'string' ? Number(key) : Number.NaN;
      if (index > furthest) furthest = index;
      return Reflect.get(target, key);
    },
  });
  return { list, reached: () => furthest };
}

export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError && /call stack/.test(message)) return 'it is nested too deep';
  return message.replace(/^Parser Error: /, '').replace(/\.$/, '') || 'it fails';
}

export function badTemplate(
  line: number,
  reason: string,
  cause?: unknown,
): HeddleError<'tokenizer/bad-template'> {
  const message = `chat template, line ${line}: ${reason}.`;
  return new HeddleError('tokenizer/bad-template', message, { line, reason }, { cause });
}
