export {
  type ArchitectureFactory,
  type ArchitectureOptions,
  type Architectures,
  architectureFromConfig,
} from './architecture.js';
export { type BertConfig, bert } from './bert.js';
export { type LoadedModel, loadModel } from './checkpoint/load-model.js';
export { type SaveModelOptions, saveModel } from './checkpoint/save-model.js';
export { INFORMATIONAL, type ModelConfig } from './config.js';
export type { TransformerErrors } from './errors.js';
export { type GeneratedToken, type GenerateOptions, generate } from './generate/generate.js';
export { type SamplingOptions, sampleToken, tokenProbabilities } from './generate/sample.js';
export { type Gpt2Config, gpt2 } from './gpt2.js';
export type { Transformer, TransformerOptions } from './language-model.js';
export { type LlamaConfig, llama } from './llama.js';
export type { Activation } from './mlp.js';
export type { Initial, ParameterSpec, ParameterSpecs } from './parameters.js';
export { tokenIds } from './token-ids.js';
