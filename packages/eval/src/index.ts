export { type AccuracyState, accuracy } from './accuracy.js';
export { type MajorityBaseline, majorityBaseline } from './baseline.js';
export {
  type McNemar,
  mcnemar,
  type PairedAnswers,
  type PairedBootstrap,
  type PairedBootstrapOptions,
  pairedBootstrap,
} from './compare.js';
export {
  accuracyOf,
  type ConfusionMatrix,
  confusionMatrix,
  type LabelScores,
  macroF1Of,
  matthewsCorrelationOf,
  microF1Of,
  precisionRecallF1,
} from './confusion.js';
export type { EvalErrors } from './errors.js';
export { type EvaluateOptions, type Evaluation, evaluate } from './evaluate.js';
export {
  type BootstrapOptions,
  confusionMetric,
  type F1Options,
  type LabelMetricOptions,
  macroF1,
  matthewsCorrelation,
  microF1,
} from './f1.js';
export {
  type BatchEvaluation,
  type DocumentEvaluation,
  evaluateLanguageModel,
  type LanguageModelEvaluation,
} from './language-model.js';
export type { Prediction } from './prediction.js';
export {
  formatEstimate,
  formatReport,
  type Report,
  type ReportFormat,
  type ReportRow,
} from './report.js';
export {
  bitsPerByte,
  perplexity,
  type RatioState,
  type TokenLoss,
  tokenLoss,
} from './token-loss.js';
