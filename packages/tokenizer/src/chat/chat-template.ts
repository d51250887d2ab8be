import { HeddleError, type Json } from '@heddle/core';
import { BoundedInterpreter } from './bounded-interpreter.js';
import { type Marks, marksFor, type Unmarked, unmarked } from './marks.js';
import { TemplateRefusal, templateEnvironment } from './template-globals.js';
import {
  badTemplate,
  GENERATION_BEGINS,
  GENERATION_ENDS,
  reasonOf,
  templateProgram,
} from './template-program.js';

/** A template that was parsed, with variables of its own: the texts of special tokens. */
export interface ChatTemplate {
  readonly source: string;
  /** Whether blocks `generation` tell what the assistant writes. */
  readonly marksGeneration: boolean;
  render(variables: ReadonlyMap<string, Json | undefined>, limits: RenderLimits): Rendered;
}

export interface RenderLimits {
  /** When it has to be done, in the time of `performance.now()`. */
  readonly deadline: number;
  /** What `strftime_now` tells. */
  readonly now: Date;
  /** Marks that stand in the variables. */
  readonly marks?: Marks;
}

export type Rendered = Unmarked;

/**
 * Parses a chat template: Jinja as Hugging Face's transformers runs it. Templates are data of others: nothing of
 * them is ever run as code, and both their time and what they make are bounded.
 *
 * @param specialTokens variables such as `bos_token`
 * @throws tokenizer/bad-template
 */
export function chatTemplate(
  source: string,
  specialTokens: ReadonlyMap<string, Json> = new Map(),
): ChatTemplate {
  const { program, marksGeneration } = templateProgram(source);
  return {
    source,
    marksGeneration,
    render(variables, { deadline, now, marks = marksFor([source]) }) {
      const [begins, ends] = marks.generated;
      const all = new Map<string, Json | undefined>([
        ...specialTokens,
        ...variables,
        [GENERATION_BEGINS, begins],
        [GENERATION_ENDS, ends],
      ]);
      const interpreter = new BoundedInterpreter(templateEnvironment(all, now), deadline);
      try {
        return unmarked(String(interpreter.run(program).value), marks);
      } catch (error) {
        throw failed(error, interpreter.line);
      }
    },
  };
}

function failed(error: unknown, line: number): HeddleError {
  if (HeddleError.is(error)) return error;
  if (!(error instanceof TemplateRefusal)) return badTemplate(line, reasonOf(error), error);
  const reason = error.message;
  return new HeddleError(
    'tokenizer/template-refused',
    `chat template, line ${line}: it refuses these messages: ${reason}`,
    { line, reason },
  );
}
