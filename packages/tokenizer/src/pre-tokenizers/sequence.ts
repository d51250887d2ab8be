import type { AlignedText } from '../aligned-text.js';
import { toByteChars } from '../normalizers/byte-level.js';
import type { Cut, PreTokenizer } from '../parts.js';
import { type CuttingPreTokenizer, cutBy, cutting, whole } from './cut.js';

/** Pre-tokenizers, each for the pieces of the one before. */
export function preTokenizerSequence(steps: readonly PreTokenizer[]): PreTokenizer {
  const toJSON = (): ReturnType<PreTokenizer['toJSON']> => ({
    type: 'Sequence',
    pretokenizers: steps.map((step) => step.toJSON()),
  });
  const bytes = steps.at(-1)?.bytes ?? false;
  if (steps.every(isCutting) && !steps.slice(0, -1).some((step) => step.bytes)) {
    const cut = steps.map((step) => step.cut).reduce(inside, cutBy(whole));
    // Only one step may cut: a second would have to know where the pieces of the first are.
    const ends = steps.map((step) => step.pieceEnd).filter((pieceEnd) => pieceEnd !== whole);
    const cutter = cutting(
      cut,
      toJSON,
      ends.length > 1 ? undefined : ends.length === 1 ? ends[0] : whole,
    );
    return { ...cutter, bytes };
  }
  const run = (index: number, text: AlignedText, emit: (piece: AlignedText) => void): void => {
    if (index === steps.length) {
      emit(text);
      return;
    }
    const step = steps[index];
    // Only the model can do without the characters of the byte alphabet.
    const spelled = step.bytes === true && index < steps.length - 1;
    step.split(text, (piece) => run(index + 1, spelled ? toByteChars(piece) : piece, emit));
  };
  return { split: (text, emit) => text.length > 0 && run(0, text, emit), bytes, toJSON };
}

const isCutting = (step: PreTokenizer): step is CuttingPreTokenizer => 'cut' in step;

/** The pieces that `inner` finds in those of `outer`. */
function inside(outer: Cut, inner: Cut): Cut {
  return (text, start, end, emit) =>
    outer(text, start, end, (from, to) => inner(text, from, to, emit));
}
