export type {
  Backend,
  BackendOptions,
  DeviceBuffer,
  DeviceLimits,
  View,
  Waiver,
} from './backend.js';
export { costOf, type OpCost } from './cost.js';
export type { Document, Item, ReadOptions, Source, Stage, TokenBatch } from './data.js';
export { BYTES, type DType, type HostArrays, hostArray, type TypedArray } from './dtype.js';
export { type ErrorCode, type ErrorDetails, HeddleError } from './errors.js';
export type { Estimate, Metric, Task } from './evaluation.js';
export { ioError, withIo } from './io-error.js';
export type { Awaitable, Json } from './json.js';
export type { Context, KeyValueCache, LanguageModel, Model, TokenInput } from './model.js';
export { nearest } from './nearest.js';
export {
  type Accumulate,
  type AttentionOptions,
  type BinaryKind,
  type CompareKind,
  FUSED,
  type FusedOp,
  type LinearActivation,
  type Op,
  type OpKind,
  PRIMITIVES,
  type Precision,
  type PrimitiveOp,
  type UnaryKind,
} from './op.js';
export { CONTRACT, checkContract, type Diagnosis, type Factory, type Plugin } from './plugin.js';
export {
  formatProfile,
  type ProfileRow,
  Profiler,
  type ProfilerOptions,
  profiled,
} from './profile.js';
export {
  fold,
  permutation,
  philox,
  type RngKey,
  randomNormal,
  randomUniform,
  randomWords,
  rngKey,
} from './rng.js';
export { broadcastStrides, type Shape, sameShape, sizeOf, stridesOf } from './shape.js';
export type { Params, Tensor } from './tensor.js';
export type { DecodeOptions, EncodeOptions, Encoding, Tokenizer } from './tokenizer.js';
export type {
  Callback,
  Collective,
  Cursor,
  MetricsEvent,
  Objective,
  Optimizer,
  Run,
  StepEvent,
  UpdateContext,
} from './training.js';
export {
  type ValueDriver,
  type ValueOperand,
  type ValueSpec,
  valueBackend,
} from './value-backend.js';
