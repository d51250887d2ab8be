/** What a classifier said of one example, beside what is right. */
export interface Prediction<Answer = string> {
  readonly expected: Answer;
  readonly predicted: Answer;
}
