import * as jinja from '@huggingface/jinja';

/*
 * The parts of the interpreter that are used here. Its own declarations import files without an extension,
 * which TypeScript does not find for ES modules of Node, so they are declared anew.
 */

export interface TemplateToken {
  readonly type: string;
  readonly value: string;
}

export interface TemplateNode {
  readonly type: string;
  readonly value?: unknown;
}

export interface TemplateValue {
  readonly type: string;
  readonly value: unknown;
}

export interface Environment {
  readonly variables: Map<string, TemplateValue>;
  set(name: string, value: unknown): TemplateValue;
}

export interface Interpreter {
  evaluate(node: TemplateNode | undefined, environment: Environment): TemplateValue;
  run(program: TemplateNode): TemplateValue;
}

interface Jinja {
  tokenize(source: string): TemplateToken[];
  parse(tokens: readonly TemplateToken[]): TemplateNode;
  Environment: new () => Environment;
  Interpreter: new (environment: Environment) => Interpreter;
}

const typed: Jinja = jinja;

export const tokenize: Jinja['tokenize'] = typed.tokenize;
export const parse: Jinja['parse'] = typed.parse;
export const Environment: Jinja['Environment'] = typed.Environment;
export const Interpreter: Jinja['Interpreter'] = typed.Interpreter;
