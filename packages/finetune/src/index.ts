export { type LoadedAdapters, loadAdapters, saveAdapters } from './adapter-files.js';
export { balancedWeights, type ClassificationOptions, classification } from './classification.js';
export {
  type ClassificationBatch,
  type ClassificationBatchesOptions,
  type ClassificationSource,
  classificationBatch,
  classificationBatches,
} from './classification-batches.js';
export { type Classifier, type ClassifierOptions, classifier, type Pooling } from './classifier.js';
export { type LoadClassifierOptions, loadClassifier, saveClassifier } from './classifier-files.js';
export {
  type CrossValidateOptions,
  type CrossValidation,
  crossValidate,
} from './cross-validate.js';
export type { FinetuneErrors } from './errors.js';
export {
  type ClassifiedText,
  type ClassifierValidation,
  type FinetuneClassifierOptions,
  type FinetunedClassifier,
  finetuneClassifier,
} from './finetune-classifier.js';
export { type Fold, type StratifiedKFoldOptions, stratifiedKFold } from './folds.js';
export {
  adaptersOf,
  isAdapter,
  type LoraModel,
  type LoraOptions,
  lora,
  mergeLora,
} from './lora.js';
export { type LoraTargets, linearTargets, type WeightLayout } from './lora-targets.js';
export { type LabelPrediction, type PredictOptions, predict } from './predict.js';
export { type LabelledText, labelsOf } from './texts.js';
