export { type ReversalExample, type ReversalOptions, reversal } from './reversal.js';
