import { HeddleError, type Tokenizer } from '@heddle/core';
import { bpeModel } from './bpe-model.js';
import { BYTE_CHARS } from './byte-alphabet.js';
import { byteLevelDecoder, byteLevelPreTokenizer } from './byte-level.js';
import { IdList } from './id-list.js';
import { MOST_TOKENS } from './limits.js';
import { MergeLearner } from './merge-learner.js';
import { PieceCounts } from './piece-counts.js';
import { assemble } from './tokenizer.js';

export interface TrainBpeOptions {
  /** Entries of the vocabulary at most: special tokens, 256 bytes, and the merges. */
  readonly vocabSize: number;
  /** They get the ids from 0 on. Default: none. */
  readonly specialTokens?: readonly string[];
  /** A pair that stands in the corpus less often is not merged. Default 2. */
  readonly minFrequency?: number;
  readonly onProgress?: (progress: TrainBpeProgress) => void;
  /** Aborting rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface TrainBpeProgress {
  /** First all texts are read, then merges are learnt. */
  readonly phase: 'read' | 'merge';
  /** UTF-16 units read, or merges learnt. */
  readonly done: number;
  /** Merges to learn at most; unknown while reading. */
  readonly total?: number;
  /** Different pieces seen. */
  readonly pieces: number;
}

/** After so many UTF-16 units or merges: progress, and a turn of the event loop. */
const UNITS_A_TURN = 1 << 22;
const MERGES_A_TURN = 64;

/**
 * Trains a byte-level BPE tokenizer, with GPT-2's split pattern. The merges are those of Hugging
 * Face's `BpeTrainer` with the byte alphabet as `initial_alphabet`, on the same texts. The vocabulary
 * is smaller than `vocabSize` where the texts have not enough pairs.
 *
 * Texts stream through: memory grows with the different pieces (words, roughly), not with the corpus.
 *
 * @throws HeddleError `invalid-argument` for options out of range
 */
export async function trainBpe(
  texts: Iterable<string> | AsyncIterable<string>,
  options: TrainBpeOptions,
): Promise<Tokenizer> {
  const specialTokens = options.specialTokens ?? [];
  checkOptions(options, specialTokens);
  const preTokenizer = byteLevelPreTokenizer(false);
  const pieces = new PieceCounts(preTokenizer.pieceEnd);
  await readTexts(texts, pieces, options);
  const { vocab, merges } = await learnMerges(pieces, specialTokens, options);
  return assemble({
    addedTokens: specialTokens.map((content, id) => ({
      id,
      content,
      special: true,
      normalized: false,
    })),
    preTokenizer,
    model: bpeModel(vocab, merges),
    postProcessor: null,
    decoder: byteLevelDecoder(),
  });
}

async function readTexts(
  texts: Iterable<string> | AsyncIterable<string>,
  pieces: PieceCounts,
  { onProgress, signal }: TrainBpeOptions,
): Promise<void> {
  signal?.throwIfAborted();
  let done = 0;
  let turn = UNITS_A_TURN;
  for await (const text of texts) {
    signal?.throwIfAborted();
    pieces.add(text);
    done += text.length;
    if (done < turn) continue;
    turn = done + UNITS_A_TURN;
    onProgress?.({ phase: 'read', done, pieces: pieces.size });
    await eventLoopTurn();
    signal?.throwIfAborted();
  }
  onProgress?.({ phase: 'read', done, pieces: pieces.size });
}

async function learnMerges(
  pieces: PieceCounts,
  specialTokens: readonly string[],
  { vocabSize, minFrequency, onProgress, signal }: TrainBpeOptions,
): Promise<{ vocab: Map<string, number>; merges: Int32Array }> {
  // Special tokens first, then the byte alphabet in the order of its characters.
  const tokens = [...specialTokens, ...[...BYTE_CHARS].sort()];
  const vocab = new Map(tokens.map((token, id) => [token, id]));
  const byteIds = Int32Array.from(BYTE_CHARS, (char) => vocab.get(char) as number);
  const learner = new MergeLearner(pieces.toBytes(), byteIds);
  const merges = new IdList(0);
  let done = 0;
  const total = vocabSize - tokens.length;
  const report = (): void => onProgress?.({ phase: 'merge', done, total, pieces: pieces.size });
  while (tokens.length < vocabSize) {
    const pair = learner.best(minFrequency ?? 2);
    if (pair === undefined) break;
    const token = tokens[pair.left] + tokens[pair.right];
    // A merge may spell a special token; it has an id already.
    const id = vocab.get(token) ?? tokens.push(token) - 1;
    vocab.set(token, id);
    merges.push(pair.left);
    merges.push(pair.right);
    merges.push(id);
    done++;
    learner.merge(pair.left, pair.right, id);
    if (done % MERGES_A_TURN !== 0) continue;
    report();
    await eventLoopTurn();
    signal?.throwIfAborted();
  }
  report();
  return { vocab, merges: merges.toArray() };
}

/** Lets timers, input and an abort come through. */
function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

function checkOptions(options: TrainBpeOptions, specialTokens: readonly string[]): void {
  const least = 256 + specialTokens.length;
  const { vocabSize } = options;
  if (!Number.isInteger(vocabSize) || vocabSize < least || vocabSize > MOST_TOKENS) {
    throw new HeddleError(
      'invalid-argument',
      `vocabSize is ${vocabSize}; it should be a whole number from ${least} (256 bytes and ${specialTokens.length} special tokens) to ${MOST_TOKENS}.`,
      { argument: 'vocabSize', given: vocabSize },
    );
  }
  const minFrequency = options.minFrequency ?? 2;
  if (!(minFrequency >= 0 && minFrequency <= Number.MAX_SAFE_INTEGER)) {
    throw new HeddleError(
      'invalid-argument',
      `minFrequency is ${minFrequency}; it should be 0 or more.`,
      { argument: 'minFrequency', given: minFrequency },
    );
  }
  for (const [index, token] of specialTokens.entries()) {
    const reason =
      token === '' || /\p{Surrogate}/u.test(token)
        ? 'is empty or not Unicode text'
        : specialTokens.indexOf(token) !== index
          ? 'stands there twice'
          : BYTE_CHARS.includes(token)
            ? 'is the token of a single byte'
            : undefined;
    if (reason === undefined) continue;
    throw new HeddleError(
      'invalid-argument',
      `specialTokens[${index}] ${JSON.stringify(token)} ${reason}.`,
      { argument: `specialTokens[${index}]`, given: token },
    );
  }
}
