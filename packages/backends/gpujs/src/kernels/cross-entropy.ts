import type { Compute, Computes } from './operation.js';
import { perElement, perRow, rowsOf } from './rows.js';
import { Scratch } from './scratch.js';
import { maxAndSum } from './softmax.js';

const crossEntropy: Compute<'crossEntropy'> = async (
  device,
  { ignoreIndex },
  [logits, targets],
) => {
  using scratch = new Scratch(device);
  const rows = rowsOf(logits.shape);
  const { max, sum } = await maxAndSum(device, scratch, logits.value, rows);
  const lse = await perRow(
    device,
    rows,
    { max, sum },
    ({ of, row }) => `return ${of.max}[${row}] + logOf(${of.sum}[${row}]);`,
  );
  // The largest logit and the target's first: their difference is small where both are large.
  const loss = await perRow(
    device,
    rows,
    { logits: logits.value, targets: targets.value, max, sum },
    ({ program, of, row, width }) => `const target = ${of.targets}[${row}];
if (target === ${program.number(ignoreIndex)}) { return 0; }
return ${of.max}[${row}] - ${of.logits}[${row} * ${width} + (target | 0)] + logOf(${of.sum}[${row}]);`,
  );
  return [loss, lse];
};

const crossEntropyBackward: Compute<'crossEntropyBackward'> = (
  device,
  { ignoreIndex },
  [logits, targets, lse, dloss],
) => {
  const arrays = {
    logits: logits.value,
    targets: targets.value,
    lse: lse.value,
    dloss: dloss.value,
  };
  return perElement(
    device,
    rowsOf(logits.shape),
    arrays,
    ({ program, of, row, at, index }) => `const target = ${of.targets}[${row}];
if (target === ${program.number(ignoreIndex)}) { return 0; }
const p = expOf(${of.logits}[${index}] - ${of.lse}[${row}]);
if ((target | 0) === ${at}) { return ${of.dloss}[${row}] * (p - 1); }
return ${of.dloss}[${row}] * p;`,
  );
};

export const crossEntropies: Computes<'crossEntropy' | 'crossEntropyBackward'> = {
  crossEntropy,
  crossEntropyBackward,
};
