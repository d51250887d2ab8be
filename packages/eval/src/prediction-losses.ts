import {
  type Backend,
  type Context,
  type LanguageModel,
  type Params,
  rngKey,
  type Tensor,
  type TokenBatch,
} from '@heddle/core';
import { crossEntropy, reshape, scoped, slice, tensor } from '@heddle/tensor';

/** Logits computed at once at most; 2^24 floats are 64 MB. */
const MOST_LOGITS = 2 ** 24;

/**
 * -log p of each position's target, [rows, length] row-major, 0 where the target is -100. The
 * logits, by far the largest tensor of a pass, are computed for some positions at a time.
 */
export async function predictionLosses(
  subject: { model: LanguageModel; params: Params; backend: Backend },
  batch: TokenBatch & { readonly targets: Int32Array },
): Promise<Float32Array> {
  const { model, params, backend } = subject;
  const positions = batch.rows * batch.length;
  const perPass = Math.max(1, Math.min(positions, Math.floor(MOST_LOGITS / model.vocabSize)));
  const pieces = scoped(() => {
    const hidden = hiddenStates(model, params, backend, batch); // [positions, hiddenSize]
    const losses: Tensor[] = [];
    for (let start = 0; start < positions; start += perPass) {
      const count = Math.min(perPass, positions - start);
      losses.push(
        scoped(() => {
          const some = slice(hidden, [start, 0], [count, model.hiddenSize]);
          const targets = tensor(
            backend,
            batch.targets.slice(start, start + count),
            [count],
            'i32',
          );
          return crossEntropy(model.logits(params, some), targets, { ignoreIndex: -100 });
        }),
      );
    }
    return losses;
  });
  const losses = new Float32Array(positions);
  let at = 0;
  for (const piece of pieces) {
    const values = await piece.read();
    piece.dispose();
    losses.set(values, at);
    at += values.length;
  }
  return losses;
}

function hiddenStates(
  model: LanguageModel,
  params: Params,
  backend: Backend,
  { rows, length, ids, segments }: TokenBatch,
): Tensor {
  const shape = [rows, length];
  const context: Context = { backend, train: false, key: rngKey(0) };
  const input = {
    ids: tensor(backend, ids, shape, 'i32'),
    ...(segments === undefined ? {} : { segments: tensor(backend, segments, shape, 'i32') }),
  };
  return reshape(model.hidden(params, input, context), [rows * length, model.hiddenSize]);
}
