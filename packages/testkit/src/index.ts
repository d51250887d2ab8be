export {
  judgeBackends,
  type MakeBackend,
  type OperationVerdict,
  type Verdict,
} from './backend/judge.js';
export { type BackendSuiteOptions, backendSuite } from './backend/suite.js';
export { type SourceSuiteOptions, sourceSuite } from './data/source-suite.js';
export { type StageSuiteOptions, stageSuite } from './data/stage-suite.js';
export { type ModelSuiteOptions, modelSuite } from './model/suite.js';
export { oracle } from './oracle/oracle.js';
export { rounded, type Spec, type Value } from './oracle/value.js';
export type { Runner, TestContext, Waiver } from './runner.js';
export { type TokenizerSuiteOptions, tokenizerSuite } from './tokenizer/suite.js';
