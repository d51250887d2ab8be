export { type SignumOptions, signum } from './signum.js';
