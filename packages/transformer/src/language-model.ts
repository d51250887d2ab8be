import type { LanguageModel, Params, Tensor, TokenInput } from '@heddle/core';
import { checkpoint } from '@heddle/tensor';
import { type CacheShape, LayerCache } from './cache.js';
import type { ModelConfig } from './config.js';
import { initialise, type ParameterSpecs } from './parameters.js';
import { type Pass, startPass } from './pass.js';

/** A language model whose parameters have the names and layouts of Hugging Face checkpoints. */
export interface Transformer extends LanguageModel {
  readonly config: ModelConfig;
  readonly parameters: ParameterSpecs;
  /** The parameter that a checkpoint's tensor `name` is, undefined if it is none (a buffer, another head). */
  checkpointName(name: string): string | undefined;
}

export interface TransformerOptions {
  /**
   * Activation checkpointing: the backward pass computes each block again instead of keeping what
   * it made. Same numbers, about a third more work, memory of one block (Chen et al. 2016).
   */
  readonly checkpointing?: boolean;
}

/** The parts in which families differ; `languageModel` joins them. */
export interface Family {
  readonly config: ModelConfig;
  readonly vocabSize: number;
  readonly contextLength: number;
  readonly hiddenSize: number;
  readonly causal: boolean;
  readonly layers: number;
  /** Parameters of block i begin with `<blockPrefix>i.` */
  readonly blockPrefix: string;
  readonly parameters: ParameterSpecs;
  checkpointName(name: string): string | undefined;
  /** Absent: no incremental decoding. */
  readonly cache?: CacheShape;
  /** ids i32 [B, T] -> [B, T, E] */
  embed(params: Params, input: TokenInput, pass: Pass): Tensor;
  /** Tensors that all blocks share, besides the segments. */
  constants?(input: TokenInput, pass: Pass): Params;
  /** [B, T, E] -> [B, T, E] */
  block(params: Params, layer: number, x: Tensor, pass: Pass): Tensor;
  /** After the last block: [B, T, E] -> [B, T, E] */
  finish?(params: Params, x: Tensor): Tensor;
  /** [..., E] -> [..., V] */
  logits(params: Params, hidden: Tensor): Tensor;
}

/** Embedding, blocks, norm, head. */
export function languageModel(
  family: Family,
  { checkpointing = false }: TransformerOptions,
): Transformer {
  const { parameters, cache: cacheShape } = family;
  const blockNames = Array.from({ length: family.layers }, (_, i) =>
    [...parameters.keys()].filter((name) => name.startsWith(`${family.blockPrefix}${i}.`)),
  );

  const block = (params: Params, layer: number, x: Tensor, pass: Pass): Tensor => {
    if (!checkpointing || pass.cache !== undefined) return family.block(params, layer, x, pass);
    const own = Object.fromEntries(
      blockNames[layer].flatMap((name) => (name in params ? [[name, params[name]]] : [])),
    );
    // Everything that needs a gradient, or must outlive this pass, goes through the arguments.
    const again = checkpoint((p: Params, y: Tensor, constants: Params) =>
      family.block(p, layer, y, { ...pass, constants }),
    );
    return again(own, x, pass.constants);
  };

  const model: Transformer = {
    config: family.config,
    vocabSize: family.vocabSize,
    contextLength: family.contextLength,
    hiddenSize: family.hiddenSize,
    causal: family.causal,
    parameters,
    checkpointName: (name) => family.checkpointName(name),
    init: (key, backend) => initialise(parameters, key, backend),
    hidden(params, input, context) {
      const started = startPass(input, context, family.contextLength);
      const constants = { ...started.constants, ...family.constants?.(input, started) };
      const pass = { ...started, constants };
      let x = family.embed(params, input, pass);
      for (let layer = 0; layer < family.layers; layer++) x = block(params, layer, x, pass);
      pass.cache?.advance(pass.length);
      return family.finish?.(params, x) ?? x;
    },
    logits: (params, hidden) => family.logits(params, hidden),
    apply: (params, input, context) => model.logits(params, model.hidden(params, input, context)),
    ...(cacheShape && { createCache: (options) => new LayerCache(cacheShape, options) }),
  };
  return model;
}
