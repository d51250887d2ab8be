export { type TinyTransformerConfig, tinyTransformer } from './tiny-transformer.js';
