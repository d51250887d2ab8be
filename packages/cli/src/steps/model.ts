import { HeddleError, type Json, type Tokenizer } from '@heddle/core';
import { architectureFromConfig, type Transformer } from '@heddle/transformer';
import type { ResolvedConfig } from '../config/schema.js';

/** The architecture that the configuration describes, for the tokenizer's vocabulary. */
export function modelOf(
  { model, tokenizer: { endOfText } }: ResolvedConfig,
  tokenizer: Tokenizer,
): Transformer {
  const { family, layers, heads, keyValueHeads = heads, hidden, context, dropout } = model;
  if (keyValueHeads !== heads && family !== 'llama') {
    throw new HeddleError(
      'invalid-argument',
      `model.keyValueHeads is for the llama family; ${family} has as many as heads.`,
      { argument: 'model.keyValueHeads', given: keyValueHeads },
    );
  }
  const end = tokenizer.idOf(endOfText) ?? null;
  const common = {
    model_type: family,
    vocab_size: tokenizer.vocabSize,
    bos_token_id: end,
    eos_token_id: end,
  };
  const sizes: Record<typeof family, { [key: string]: Json }> = {
    gpt2: {
      n_positions: context,
      n_embd: hidden,
      n_layer: layers,
      n_head: heads,
      embd_pdrop: dropout,
      attn_pdrop: dropout,
      resid_pdrop: dropout,
    },
    llama: {
      max_position_embeddings: context,
      hidden_size: hidden,
      num_hidden_layers: layers,
      num_attention_heads: heads,
      num_key_value_heads: keyValueHeads,
      intermediate_size: Math.ceil((hidden * 8) / 3 / 32) * 32,
      attention_dropout: dropout,
      tie_word_embeddings: true,
    },
    bert: {
      max_position_embeddings: context,
      hidden_size: hidden,
      num_hidden_layers: layers,
      num_attention_heads: heads,
      intermediate_size: 4 * hidden,
      hidden_dropout_prob: dropout,
      attention_probs_dropout_prob: dropout,
    },
  };
  return architectureFromConfig({ ...common, ...sizes[family] });
}

/** Number of weights of a set of parameters. */
export function countParameters(
  params: Readonly<Record<string, { readonly shape: readonly number[] }>>,
): number {
  return Object.values(params).reduce(
    (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
    0,
  );
}
