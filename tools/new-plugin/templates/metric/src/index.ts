export { type EditSimilarityState, editSimilarity, type TextPair } from './edit-similarity.js';
