/** A number with what is known of its uncertainty. */
export interface Estimate {
  readonly value: number;
  /** Undefined where none is known. */
  readonly standardError: number | undefined;
  /** Observations behind it. */
  readonly count: number;
}

/** A fold over observations whose parts can be computed apart and merged. */
export interface Metric<Observation, State> {
  readonly name: string;
  empty(): State;
  /** The state with one more observation; it may change and return the one given. */
  add(state: State, observation: Observation): State;
  /** A new state; those given stay as they are. */
  merge(a: State, b: State): State;
  value(state: State): Estimate;
}

/** Something to be good at: examples, and the right answer of each. */
export interface Task<Example, Answer> {
  readonly name: string;
  examples(split: string): AsyncIterable<Example>;
  expected(example: Example): Answer;
}
