export { type SmoothedCausalLmOptions, smoothedCausalLm } from './smoothed-causal-lm.js';
