import type { Backend, DeviceBuffer, TypedArray, View } from '@heddle/core';
import { hostArray, sizeOf } from '@heddle/core';
import { check } from '../assert.js';
import { oracle } from '../oracle/oracle.js';
import { decode, encode, rounded, type Spec, type Value } from '../oracle/value.js';
import type { Case } from './cases/case.js';

/** Numbers that no case computes, exact on devices that keep integers in f32. */
const GUARD = 1234567;
const UNTOUCHED = { f32: 12345.5, bf16: 12352, i32: -7654321 } as const;

/** What one call left behind. */
export interface Result {
  readonly outputs: readonly TypedArray[];
  /** Inputs that were not to be overwritten, and the numbers they hold now. */
  readonly inputs: readonly { readonly before: Value; readonly after: TypedArray }[];
  readonly guards: readonly TypedArray[];
}

function upload(backend: Backend, value: Value): DeviceBuffer {
  const buffer = backend.alloc(sizeOf(value.shape), value.dtype);
  backend.write(buffer, encode(value));
  return buffer;
}

/** An output holds NaN beforehand (or an odd number where NaN is expected), so that what is left out shows. */
function prefill({ shape, dtype }: Spec, expected: Value | undefined): Value {
  const size = sizeOf(shape);
  const nan = dtype !== 'i32' && !expected?.data.some(Number.isNaN);
  return { shape, dtype, data: new Float64Array(size).fill(nan ? Number.NaN : UNTOUCHED[dtype]) };
}

/** Runs one case between guard buffers, reads everything back and frees it. */
export async function execute(
  backend: Backend,
  one: Case,
  expected: readonly Value[] = [],
): Promise<Result> {
  const owned: DeviceBuffer[] = [];
  const guards: DeviceBuffer[] = [];
  const place = (value: Value): DeviceBuffer => {
    const buffer = upload(backend, value);
    owned.push(buffer);
    const guard: Value = { shape: [17], dtype: 'i32', data: new Float64Array(17).fill(GUARD) };
    guards.push(upload(backend, guard));
    return buffer;
  };
  try {
    const placed = new Map<Value, DeviceBuffer>();
    for (const x of one.inputs) if (!placed.has(x)) placed.set(x, place(x));
    const inputs: View[] = one.inputs.map((x) => ({
      buffer: placed.get(x) as DeviceBuffer,
      shape: x.shape,
    }));
    const outputs: View[] = one.outputs.map((output, i) => {
      const over = one.inPlace?.[i];
      const buffer = over === undefined ? place(prefill(output, expected[i])) : inputs[over].buffer;
      return { buffer, shape: output.shape };
    });
    backend.run(one.op, inputs, outputs);
    const overwritten = new Set(outputs.map((view) => view.buffer));
    const kept = [...placed].filter(([, buffer]) => !overwritten.has(buffer));
    return {
      outputs: await Promise.all(outputs.map((view) => backend.read(view.buffer))),
      inputs: await Promise.all(
        kept.map(async ([before, buffer]) => ({ before, after: await backend.read(buffer) })),
      ),
      guards: await Promise.all(guards.map((buffer) => backend.read(buffer))),
    };
  } finally {
    for (const buffer of [...owned, ...guards]) backend.free(buffer);
  }
}

/** The number that separates bits: NaN equals NaN, 0 equals -0. */
const same = (a: number, b: number): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));

function checkOutput(one: Case, i: number, got: TypedArray, wanted: Value, factor: number): void {
  const { dtype, shape } = one.outputs[i];
  const label = one.outputs.length > 1 ? `output ${i}` : 'the output';
  const array = hostArray(dtype, 0).constructor;
  check(
    got.constructor === array && got.length === sizeOf(shape),
    () =>
      `${label} should be read as ${array.name} of ${sizeOf(shape)} but is ${got.constructor.name} of ${got.length}`,
  );
  const numbers = decode(got);
  const { relative, absolute } = allowance(one, wanted, factor);
  numbers.forEach((x, at) => {
    const y = wanted.data[at];
    if (same(x, y) || one.unspecified?.(i, at)) return;
    const near = Math.abs(x - y) <= relative * Math.abs(y) + absolute;
    check(
      near && Number.isFinite(y),
      () =>
        `${label}[${at}] should be ${y} but is ${x}` +
        (relative + absolute > 0 ? ` (allowed: ${relative} relative + ${absolute})` : ''),
    );
  });
}

/** bf16 results add their own rounding, relative to the largest of them where sums are involved. */
function allowance(
  { tolerance }: Case,
  wanted: Value,
  factor: number,
): { relative: number; absolute: number } {
  if (tolerance.relative === 0 && tolerance.absolute === 0) return tolerance;
  const relative = tolerance.relative * factor;
  const absolute = tolerance.absolute * factor;
  if (wanted.dtype !== 'bf16') return { relative, absolute };
  const largest = wanted.data.reduce(
    (a, b) => (Number.isFinite(b) ? Math.max(a, Math.abs(b)) : a),
    0,
  );
  return { relative: relative + 2 ** -7, absolute: absolute + 2 ** -8 * largest };
}

/** What the oracle says of cases that are still in use: several backends may be asked the same. */
const EXPECTED = new WeakMap<Case, readonly Value[]>();

function expectedOf(one: Case): readonly Value[] {
  const expected = EXPECTED.get(one) ?? oracle(one.op, one.inputs, one.outputs).map(rounded);
  EXPECTED.set(one, expected);
  return expected;
}

/**
 * Throws unless the backend's result of `one` is the oracle's, and nothing else changed.
 * `factor` widens the tolerances that are not zero.
 */
export async function verify(backend: Backend, one: Case, factor: number): Promise<void> {
  const expected = expectedOf(one);
  const result = await execute(backend, one, expected);
  result.outputs.forEach((got, i) => {
    checkOutput(one, i, got, expected[i], factor);
  });
  for (const { before, after } of result.inputs) {
    const numbers = decode(after);
    const at = numbers.findIndex((x, i) => !same(x, before.data[i]));
    check(at < 0, () => `it changed an input: [${at}] was ${before.data[at]}, is ${numbers[at]}`);
  }
  for (const guard of result.guards) {
    check(
      guard.every((x) => x === GUARD),
      'it wrote beyond its outputs, into another buffer',
    );
  }
}

/** Throws unless two runs of `one` give the same bits. */
export async function verifyRepeatable(backend: Backend, one: Case): Promise<void> {
  const first = await execute(backend, one);
  const second = await execute(backend, one);
  first.outputs.forEach((x, output) => {
    const a = decode(x);
    const b = decode(second.outputs[output]);
    const at = a.findIndex((value, i) => !same(value, b[i]));
    check(at < 0, () => `output ${output}[${at}] was ${a[at]} first and ${b[at]} then`);
  });
}

/** Runs `verifyOne` on each case and throws one error that tells of all that failed. */
export async function forEachCase(
  cases: readonly Case[],
  verifyOne: (one: Case) => Promise<void>,
): Promise<void> {
  const failures: string[] = [];
  for (const one of cases) {
    try {
      await verifyOne(one);
    } catch (error) {
      failures.push(`${one.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (failures.length === 0) return;
  const shown = failures.slice(0, 8).map((line) => `\n  ${line}`);
  const more =
    failures.length > shown.length ? `\n  and ${failures.length - shown.length} more` : '';
  throw new Error(`${failures.length} of ${cases.length} cases fail:${shown.join('')}${more}`);
}
