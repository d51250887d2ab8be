import { HeddleError, type Json, nearest } from '@heddle/core';

/** A configuration in Hugging Face keys, as in config.json. */
export type ModelConfig = { readonly [key: string]: Json };

/**
 * Keys that say nothing about the computation: kept in `model.config`, else ignored. Also kept are
 * keys with a leading underscore, and any key whose value switches nothing on (null, false, {}, []).
 */
export const INFORMATIONAL: ReadonlySet<string> = new Set([
  ...['model_type', 'architectures', 'transformers_version', 'dtype', 'torch_dtype'],
  ...['bos_token_id', 'eos_token_id', 'pad_token_id', 'unk_token_id', 'sep_token_id'],
  ...['cls_token_id', 'mask_token_id', 'decoder_start_token_id', 'prefix', 'tokenizer_class'],
  ...[
    'use_cache',
    'return_dict',
    'output_past',
    'gradient_checkpointing',
    'chunk_size_feed_forward',
  ],
  ...[
    'num_labels',
    'id2label',
    'label2id',
    'problem_type',
    'finetuning_task',
    'classifier_dropout',
  ],
  ...['task_specific_params', 'max_length', 'do_sample', 'temperature', 'top_k', 'top_p'],
]);

interface Range {
  readonly min?: number;
  readonly max?: number;
}

/**
 * Reads one configuration key by key, checking types and bounds, and remembers which keys were
 * asked for, so that `finish` can refuse the others. An absent key or null means the default.
 */
export class ConfigReader {
  readonly modelType: string;
  readonly #given: ModelConfig;
  readonly #known = new Set<string>();
  readonly #filled = new Map<string, Json>();

  constructor(modelType: string, config: unknown) {
    this.modelType = modelType;
    if (typeof config !== 'object' || config === null || Array.isArray(config))
      throw new HeddleError(
        'transformer/config',
        `The configuration of a ${modelType} model must be an object with Hugging Face keys, not ${show(config)}.`,
        { modelType, key: '', given: null },
      );
    this.#given = config as ModelConfig;
    if (this.#given.model_type !== undefined && this.#given.model_type !== modelType)
      this.refuse(
        'model_type',
        `must be "${modelType}" here; \`architectureFromConfig\` chooses by it`,
      );
  }

  /** The value of `key`, unchecked; undefined if absent or null. For keys with a form of their own. */
  raw(key: string): Json | undefined {
    this.#known.add(key);
    return Object.hasOwn(this.#given, key) ? (this.#given[key] ?? undefined) : undefined;
  }

  integer(key: string, fallback: number, { min = 1, max = 1_000_000 }: Range = {}): number {
    const value = this.#value(key, fallback);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max)
      this.refuse(key, `must be an integer from ${min} to ${max}`);
    return value as number;
  }

  number(key: string, fallback: number, { min = 0, max = 1 }: Range = {}): number {
    const value = this.#value(key, fallback);
    if (typeof value !== 'number' || !(value >= min && value <= max))
      this.refuse(key, `must be a number from ${min} to ${max}`);
    return value as number;
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.#value(key, fallback);
    if (typeof value !== 'boolean') this.refuse(key, 'must be true or false');
    return value as boolean;
  }

  choice<T extends string>(key: string, fallback: T, choices: readonly T[]): T {
    const value = this.#value(key, fallback);
    const chosen = choices.find((c) => c === value);
    if (chosen === undefined) this.refuse(key, `must be one of ${choices.join(', ')}`);
    return chosen as T;
  }

  /** A key that may be present, but with this value only: the others are not built. */
  only(key: string, value: Json): void {
    const given = this.raw(key);
    if (given !== undefined && given !== value)
      this.refuse(key, `is supported as ${JSON.stringify(value)} only`);
  }

  /** A key that has no influence on the numbers, for this family. */
  ignore(...keys: readonly string[]): void {
    for (const key of keys) this.#known.add(key);
  }

  /** Throws `transformer/config` for `key`; `reason` follows the key in the message. */
  refuse(key: string, reason: string): never {
    const given = this.#given[key];
    throw new HeddleError(
      'transformer/config',
      `Configuration of a ${this.modelType} model: "${key}" ${reason}; it is ${show(given)}.`,
      { modelType: this.modelType, key, given: given ?? null },
    );
  }

  /**
   * Refuses unknown keys, then returns the whole configuration: what was given, the defaults that
   * were used, and no token ids but those given (a default id would be another vocabulary's).
   */
  finish(architecture: string): ModelConfig {
    for (const [key, value] of Object.entries(this.#given)) {
      if (this.#known.has(key) || INFORMATIONAL.has(key) || key.startsWith('_') || isOff(value))
        continue;
      const near = nearest(key, [...this.#known, ...INFORMATIONAL]);
      this.refuse(
        key,
        `is unknown, and ignoring it could change what the model computes${near === undefined ? '' : ` (did you mean "${near}"?)`}`,
      );
    }
    return {
      model_type: this.modelType,
      architectures: [architecture],
      bos_token_id: null,
      eos_token_id: null,
      pad_token_id: null,
      ...Object.fromEntries(this.#filled),
      ...this.#given,
    };
  }

  #value(key: string, fallback: Json): Json {
    const given = this.raw(key);
    if (given === undefined) this.#filled.set(key, fallback);
    return given ?? fallback;
  }
}

function isOff(value: Json): boolean {
  if (value === null || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
