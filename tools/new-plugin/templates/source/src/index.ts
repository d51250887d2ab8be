export { type LinesOptions, lines } from './lines.js';
export { plugin } from './plugin.js';
