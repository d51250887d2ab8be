import { HeddleError } from '@heddle/core';
import { type Environment, Interpreter, type TemplateNode, type TemplateValue } from './jinja.js';
import { weightOf } from './value-weight.js';

/** Expressions that are evaluated at most; a chat of a thousand messages takes some ten thousands. */
const MOST_STEPS = 2_000_000;
/** Weight of all values that are made. */
const MOST_WORK = 1 << 28;
/** Weight of one value, about its characters. */
const MOST_WEIGHT = 1 << 25;

/** Runs a template that nobody has looked at: it may neither run on nor fill the memory. */
export class BoundedInterpreter extends Interpreter {
  /** The line of the tag that is evaluated. */
  line = 1;
  readonly #deadline: number;
  #steps = 0;
  #work = 0;

  /** @param deadline when it has to be done, in the time of `performance.now()` */
  constructor(environment: Environment, deadline: number) {
    super(environment);
    this.#deadline = deadline;
  }

  override evaluate(node: TemplateNode | undefined, environment: Environment): TemplateValue {
    if (++this.#steps > MOST_STEPS) throw this.#limit(`${MOST_STEPS} steps`);
    if (this.#steps % 256 === 0 && performance.now() > this.#deadline)
      throw this.#limit('its time');
    if (node?.type === 'Comment') this.line = Number(node.value);
    const value = super.evaluate(node, environment);
    const { weight, work } = weightOf(value, MOST_WEIGHT);
    this.#work += work;
    if (weight > MOST_WEIGHT || this.#work > MOST_WORK) throw this.#limit('its memory');
    return value;
  }

  #limit(limit: string): HeddleError<'tokenizer/template-limit'> {
    const { line } = this;
    return new HeddleError(
      'tokenizer/template-limit',
      `chat template, line ${line}: it takes more than ${limit}.`,
      { line, limit },
    );
  }
}
