export { plugin } from './plugin.js';
export { type StopBelowOptions, stopBelow } from './stop-below.js';
