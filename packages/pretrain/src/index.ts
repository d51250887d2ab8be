export { causalLm, nextTokens } from './causal-lm.js';
export type { PretrainErrors } from './errors.js';
export { type MaskedLmOptions, maskedLm, masking } from './masked-lm.js';
export { type PretrainOptions, pretrain } from './pretrain.js';
export { grid, type Trial, type Tuned, type TuneOptions, tune } from './tune.js';
export {
  type ValidationLoss,
  type ValidationLossOptions,
  validationLoss,
} from './validation-loss.js';
