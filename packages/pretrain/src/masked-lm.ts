import {
  fold,
  HeddleError,
  type LanguageModel,
  type Objective,
  type RngKey,
  randomUniform,
  randomWords,
  type TokenBatch,
} from '@heddle/core';
import { IGNORED, lossAt, tokenInput } from './token-batch.js';

export interface MaskedLmOptions {
  /** Id of the token that stands for a hidden one. */
  readonly maskId: number;
  /** Ids that are never hidden, nor put in place of another: separators, padding, end of text. */
  readonly specialIds?: readonly number[];
  /** Part of the tokens that is to be predicted. Default 0.15. */
  readonly rate?: number;
  /**
   * Given, whole words are chosen: tells the ids that begin a word. A word also begins with a row, a
   * segment, and after a special token.
   */
  readonly wholeWords?: (id: number) => boolean;
}

/**
 * Masked language modelling (Devlin et al. 2019): of the chosen tokens 80 % are replaced by the mask,
 * 10 % by a random token, 10 % stay, and all are predicted. The draws depend on the context's key
 * only. Of a batch's own `targets` only -100 is looked at: such positions (padding) are never chosen.
 *
 * @throws `invalid-argument` for ids outside the vocabulary or a rate outside (0, 1]
 */
export function maskedLm(model: LanguageModel, options: MaskedLmOptions): Objective<TokenBatch> {
  const mask = masking(model.vocabSize, options);
  return {
    name: 'masked-lm',
    loss(params, batch, context) {
      const hidden = { ...batch, ...mask(batch, fold(context.key, 'mask')) };
      const input = tokenInput(model, hidden, context.backend);
      // The model's own randomness (dropout) has another key than the masks.
      const inside = { ...context, key: fold(context.key, 'model') };
      return lossAt(model, params, input, hidden.targets, inside);
    },
  };
}

/** What `maskedLm` does to a batch: ids with tokens hidden, and as targets what they were (-100 elsewhere). */
export function masking(
  vocabSize: number,
  options: MaskedLmOptions,
): (batch: TokenBatch, key: RngKey) => { ids: Int32Array; targets: Int32Array } {
  const { maskId, specialIds = [], rate = 0.15, wholeWords } = options;
  check(options, vocabSize);
  const special = new Set([...specialIds, maskId]);
  const ordinary = Int32Array.from({ length: vocabSize }, (_, id) => id).filter(
    (id) => !special.has(id),
  );
  return (batch, key) => {
    const size = batch.ids.length;
    const choice = randomUniform(fold(key, 'choice'), size);
    const kind = randomUniform(fold(key, 'kind'), size);
    const other = randomWords(fold(key, 'other'), size);
    const ids = batch.ids.slice();
    const targets = new Int32Array(size).fill(IGNORED);
    let chosen = false;
    for (let i = 0; i < size; i++) {
      const id = batch.ids[i];
      if (special.has(id) || batch.targets?.[i] === IGNORED) continue;
      // The tokens of a word share the draw of its first one.
      if (wholeWords === undefined || startsWord(batch, i)) chosen = choice[i] < rate;
      if (!chosen) continue;
      targets[i] = id;
      if (kind[i] < 0.8) ids[i] = maskId;
      else if (kind[i] < 0.9) ids[i] = ordinary[other[i] % ordinary.length];
    }
    return { ids, targets };
  };

  function startsWord({ ids, length, segments }: TokenBatch, i: number): boolean {
    return (
      i % length === 0 ||
      special.has(ids[i - 1]) ||
      (segments !== undefined && segments[i] !== segments[i - 1]) ||
      wholeWords!(ids[i])
    );
  }
}

function check({ maskId, specialIds = [], rate = 0.15 }: MaskedLmOptions, vocabSize: number): void {
  for (const id of [maskId, ...specialIds])
    if (!Number.isInteger(id) || id < 0 || id >= vocabSize)
      throw new HeddleError(
        'invalid-argument',
        `maskedLm: the special id ${id} is outside the vocabulary of ${vocabSize}. Look it up with tokenizer.idOf.`,
        { argument: 'maskId or specialIds', given: id },
      );
  if (!(rate > 0 && rate <= 1))
    throw new HeddleError('invalid-argument', `maskedLm: rate is ${rate}; it must be in (0, 1].`, {
      argument: 'rate',
      given: rate,
    });
  if (new Set([maskId, ...specialIds]).size >= vocabSize)
    throw new HeddleError(
      'invalid-argument',
      'maskedLm: every id is special; none is left to predict.',
      {
        argument: 'specialIds',
        given: specialIds.length,
      },
    );
}
