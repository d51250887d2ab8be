import { HeddleError, type Tensor } from '@heddle/core';
import { DeviceTensor } from './tensor.js';

/** Frees, when disposed, every tensor made while it was open that was not kept. */
export interface Scope extends Disposable {
  /** Tensors that it will free. */
  readonly size: number;
}

/** A scope as this package sees it. */
export class OpenScope implements Scope {
  readonly tensors: Set<DeviceTensor> = new Set();

  get size(): number {
    return this.tensors.size;
  }

  [Symbol.dispose](): void {
    close(this);
  }
}

const open: OpenScope[] = [];

/**
 * Opens a scope: `using step = scope()` frees at the end of the block every tensor made in it, except
 * those given to `keep`. Scopes nest and are synchronous: do not `await` while one is open, since
 * whatever runs meanwhile would make its tensors in it.
 *
 * @throws tensor/scope-order when closed before a scope that was opened after it.
 */
export function scope(): Scope {
  const opened = new OpenScope();
  open.push(opened);
  return opened;
}

/**
 * Runs `fn` and frees every tensor made in it, except those it returns (a tensor, or arrays and plain
 * records of them), which then belong to the enclosing scope, and those given to `keep`.
 */
export function scoped<T>(fn: () => T): T {
  using inside = scope();
  const result = fn();
  if (result instanceof Promise) {
    throw new HeddleError(
      'invalid-argument',
      'scoped: the function returned a promise. Scopes are synchronous: return tensors and read them outside.',
      { argument: 'fn', given: 'a function that returns a promise' },
    );
  }
  const outer = open.at(-2);
  for (const t of tensorsIn(result)) {
    if (t.scope === inside) moveTo(t, outer);
  }
  return result;
}

/** Takes a tensor out of all scopes: it lives until its `dispose()`. Returns it. */
export function keep<T extends Tensor>(x: T): T {
  if (x instanceof DeviceTensor) moveTo(x, undefined);
  return x;
}

/** Puts a fresh tensor into the current scope, if there is one. */
export function register(x: DeviceTensor): DeviceTensor {
  moveTo(x, open.at(-1));
  return x;
}

function moveTo(x: DeviceTensor, target: OpenScope | undefined): void {
  x.scope?.tensors.delete(x);
  x.scope = target;
  target?.tensors.add(x);
}

function close(closing: OpenScope): void {
  const at = open.lastIndexOf(closing);
  if (at < 0) return;
  const openInside = open.length - 1 - at;
  open.splice(at, 1);
  for (const t of closing.tensors) t.dispose();
  if (openInside > 0) {
    throw new HeddleError(
      'tensor/scope-order',
      `A scope was closed while ${openInside} opened after it were still open. ` +
        'Scopes are synchronous: close them in reverse order and do not await inside one.',
      { openInside },
    );
  }
}

function* tensorsIn(value: unknown): Generator<DeviceTensor> {
  if (value instanceof DeviceTensor) {
    yield value;
  } else if (Array.isArray(value)) {
    for (const item of value) yield* tensorsIn(item);
  } else if (typeof value === 'object' && value !== null && isPlain(value)) {
    for (const item of Object.values(value)) yield* tensorsIn(item);
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
