export { typedArrays } from './backend.js';
export { plugin } from './plugin.js';
