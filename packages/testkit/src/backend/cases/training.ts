import { generate, type Value } from '../../oracle/value.js';
import {
  type Case,
  type CaseGroup,
  type CaseOptions,
  EXACT,
  type Float,
  given,
  integers,
  make,
  normal,
  replaced,
  resultsOf,
  spec,
  uniform,
} from './case.js';

const IGNORE = -100;
const SIZES: readonly (readonly [n: number, classes: number])[] = [
  [1, 2],
  [5, 7],
  [33, 257],
  [3, 5003],
  [67, 64],
];
const EDGES: readonly (readonly [n: number, classes: number])[] = [
  [0, 5],
  [3, 1],
];

/** Every third target is ignored. */
function targetsOf(n: number, classes: number): Value {
  const targets = integers('targets', [n], 0, classes);
  return generate(targets, (_, i) => (i % 3 === 1 ? IGNORE : targets.data[i]));
}

function forward(f: Float, logits: Value): Case {
  const [n, classes] = logits.shape;
  const targets = targetsOf(n, classes);
  return make(
    { kind: 'crossEntropy', ignoreIndex: IGNORE },
    [logits, targets],
    [spec([n]), spec([n])],
    {
      tolerance: { relative: 1e-5, absolute: f === 'f32' ? 1e-5 : 1e-4 },
      // The log-sum-exp of an ignored row is not documented.
      unspecified: (output, row) => output === 1 && targets.data[row] === IGNORE,
    },
  );
}

function backward(f: Float, logits: Value, inPlace = false): Case {
  const plain = forward(f, logits);
  const [, lse] = resultsOf(plain);
  const dloss = normal('dloss', lse.shape);
  return make(
    { kind: 'crossEntropyBackward', ignoreIndex: IGNORE },
    [...plain.inputs, lse, dloss],
    [spec(logits.shape, f)],
    { tolerance: { relative: 1e-5, absolute: 2e-6 }, ...(inPlace && { inPlace: [0] }) },
  );
}

function crossEntropyCases(): CaseGroup[] {
  const logits = (f: Float, shape: readonly number[]): Value => normal('logits', shape, f, 3);
  const far = (f: Float): Value =>
    given([4, 3], f, [1000, 999, -1000, -1000, -999, -1001, -Infinity, 0, 1, 1, Number.NaN, 2]);
  return [
    {
      kind: 'crossEntropy',
      aspect: 'values',
      cases: (f) => SIZES.map((size) => forward(f, logits(f, size))),
    },
    {
      kind: 'crossEntropy',
      aspect: 'edge shapes',
      cases: (f) => EDGES.map((size) => forward(f, logits(f, size))),
    },
    {
      kind: 'crossEntropy',
      aspect: 'NaN, infinities and large values',
      cases: (f) => {
        const plain = forward(f, far(f));
        return [
          {
            ...plain,
            inputs: [plain.inputs[0], given([4], 'i32', [1, 0, 2, 0])],
            unspecified: () => false,
          },
        ];
      },
    },
    {
      kind: 'crossEntropyBackward',
      aspect: 'values',
      cases: (f) => SIZES.map((size) => backward(f, logits(f, size))),
    },
    {
      kind: 'crossEntropyBackward',
      aspect: 'in place',
      cases: (f) => SIZES.map((size) => backward(f, logits(f, size), true)),
    },
    {
      kind: 'crossEntropyBackward',
      aspect: 'edge shapes',
      cases: (f) => EDGES.map((size) => backward(f, logits(f, size))),
    },
  ];
}

interface Step {
  readonly step: number;
  readonly weightDecay: number;
  readonly scale: number;
}

function adamw(f: Float, sizes: readonly number[], at: Step, options: CaseOptions = {}): Case {
  const op = {
    kind: 'adamw',
    lr: 3e-3,
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    weightDecay: at.weightDecay,
    step: at.step,
  } as const;
  const parameters = sizes.map((size, i) => [
    normal(`p${i}`, [size], f),
    normal(`g${i}`, [size], f),
    normal(`m${i}`, [size], f, at.step === 1 ? 0 : 0.1),
    uniform(`v${i}`, [size], f, at.step === 1 ? 0 : 0.01, at.step === 1 ? 0 : 0.1),
  ]);
  return make(
    op,
    [given([], 'f32', [at.scale]), ...parameters.flat()],
    sizes.flatMap((size) => [spec([size], f), spec([size], f), spec([size], f)]),
    {
      inPlace: sizes.flatMap((_, i) => [1 + 4 * i, 3 + 4 * i, 4 + 4 * i]),
      tolerance: { relative: 1e-5, absolute: 1e-7 },
      ...options,
    },
  );
}

function adamwCases(): CaseGroup[] {
  const kind = 'adamw';
  const plain: Step = { step: 1, weightDecay: 0, scale: 1 };
  return [
    {
      kind,
      aspect: 'values',
      cases: (f) => [
        adamw(f, [7], plain),
        adamw(f, [1031], { step: 2, weightDecay: 0.1, scale: 1 }),
        adamw(f, [33, 1, 515], { step: 17, weightDecay: 0.1, scale: 0.25 }),
        adamw(f, [12], { step: 100000, weightDecay: 0.01, scale: 1 }),
        adamw(f, [70001], { step: 3, weightDecay: 0.1, scale: 0.5 }),
        adamw(
          f,
          Array.from({ length: 20 }, (_, i) => i + 1),
          { ...plain, weightDecay: 0.1 },
        ),
      ],
    },
    {
      kind,
      aspect: 'edge shapes',
      cases: (f) => [adamw(f, [0], plain), adamw(f, [1, 0, 2], plain)],
    },
    {
      kind,
      aspect: 'a scale that is not finite changes nothing',
      cases: (f) =>
        [Number.NaN, Infinity, -Infinity].map((scale) =>
          adamw(f, [33, 5], { step: 4, weightDecay: 0.1, scale }, { tolerance: EXACT }),
        ),
    },
    {
      kind,
      aspect: 'NaN gradient',
      cases: (f) => {
        const one = adamw(f, [9], { ...plain, step: 2 });
        const inputs = [...one.inputs];
        inputs[2] = replaced(inputs[2], { 4: Number.NaN });
        return [{ ...one, inputs, name: `${one.name} (NaN stays where it is)` }];
      },
    },
  ];
}

export function trainingCases(): CaseGroup[] {
  return [...crossEntropyCases(), ...adamwCases()];
}
