import type { Tensor } from '@tensorflow/tfjs-core';
import type { HostMemory } from './memory.js';

/** Heads of attention in a tensor [B, length, total, D]: those from `first` on. */
export interface Heads {
  readonly tensor: Tensor;
  readonly first: number;
}

/** Some heads of one sequence, and how many of its positions. */
export interface Part {
  readonly batch: number;
  readonly head: number;
  readonly heads: number;
  readonly positions: number;
}

const widthOf = ({ tensor }: Heads): number => tensor.shape[3] ?? 0;

/** Calls `row` for each head and position of the part, with where its D numbers begin. */
function forEach(
  { tensor, first }: Heads,
  { batch, head, heads, positions }: Part,
  row: (at: number) => void,
): void {
  const [, length, total, width]: number[] = tensor.shape;
  for (let h = head + first; h < head + first + heads; h++) {
    for (let t = 0; t < positions; t++) row(((batch * length + t) * total + h) * width);
  }
}

/** The part as a matrix [heads · positions, D]. */
export function readHeads(memory: HostMemory, heads: Heads, part: Part): Tensor {
  const width = widthOf(heads);
  const matrix = memory.make([part.heads * part.positions, width], 'float32');
  const [from, to] = [memory.numbers(heads.tensor), memory.numbers(matrix)];
  let next = 0;
  forEach(heads, part, (at) => {
    to.set(from.subarray(at, at + width), next);
    next += width;
  });
  return matrix;
}

/** The same transposed, [D, heads · positions]. */
export function readHeadsTransposed(memory: HostMemory, heads: Heads, part: Part): Tensor {
  const width = widthOf(heads);
  const columns = part.heads * part.positions;
  const matrix = memory.make([width, columns], 'float32');
  const [from, to] = [memory.numbers(heads.tensor), memory.numbers(matrix)];
  let column = 0;
  forEach(heads, part, (at) => {
    for (let d = 0; d < width; d++) to[d * columns + column] = from[at + d];
    column++;
  });
  return matrix;
}

/** Puts `factor` times the matrix [heads · positions, D] where the part lies. */
export function writeHeads(
  memory: HostMemory,
  heads: Heads,
  part: Part,
  matrix: Tensor,
  factor = 1,
): void {
  const width = widthOf(heads);
  const [from, to] = [memory.numbers(matrix), memory.numbers(heads.tensor)];
  let next = 0;
  forEach(heads, part, (at) => {
    for (let d = 0; d < width; d++) to[at + d] = factor * from[next++];
  });
}
