export { type EarlyStoppingOptions, earlyStopping } from './callbacks/early-stopping.js';
export { type JsonlLogOptions, jsonlLog } from './callbacks/jsonl-log.js';
export { type ProgressOptions, progress } from './callbacks/progress.js';
export { type SamplerOptions, sampler } from './callbacks/sampler.js';
export { type TensorboardOptions, tensorboard } from './callbacks/tensorboard.js';
export {
  type CheckpointContent,
  type CheckpointState,
  latestCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
} from './checkpoint.js';
export { solo } from './collective.js';
export type { TrainerErrors } from './errors.js';
export type { TrainOptions, TrainResult } from './options.js';
export {
  constant,
  cosine,
  type DecayOptions,
  linear,
  type Schedule,
  type WarmupOptions,
  type WsdOptions,
  wsd,
} from './schedule.js';
export { train } from './train.js';
