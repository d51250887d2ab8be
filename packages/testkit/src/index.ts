export { type BackendSuiteOptions, backendSuite } from './backend/suite.js';
export { oracle } from './oracle/oracle.js';
export { rounded, type Spec, type Value } from './oracle/value.js';
export type { Runner, TestContext, Waiver } from './runner.js';
