import { HeddleError } from '@heddle/core';

/** Throws an Error with `message` unless `condition` holds. */
export function check(condition: boolean, message: string | (() => string)): asserts condition {
  if (!condition) throw new Error(typeof message === 'string' ? message : message());
}

/** A short printable form of a value. */
export function show(value: unknown): string {
  if (typeof value === 'number' || value === undefined) return String(value);
  if (ArrayBuffer.isView(value)) return show(Array.from(value as Float32Array));
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 160 ? `${text.slice(0, 160)}… (${text.length} characters)` : text;
}

/** Deep equality of plain data: primitives (NaN equals NaN, 0 equals -0), arrays, typed arrays, plain objects. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  if (a instanceof Map || a instanceof Set) {
    return equal([...a], [...(b as Iterable<unknown>)]);
  }
  return keys.every(
    (key) =>
      Object.hasOwn(b, key) &&
      equal((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  );
}

/** Runs `action` and waits for it; it must end in a HeddleError. `what` finishes "… should be refused". */
export async function refuses(what: string, action: () => unknown): Promise<void> {
  let result: unknown;
  try {
    result = await action();
  } catch (error) {
    check(
      HeddleError.is(error),
      () => `${what} should be refused with a HeddleError, but it threw ${String(error)}`,
    );
    return;
  }
  throw new Error(`${what} should be refused with a HeddleError, but it gave ${show(result)}`);
}
