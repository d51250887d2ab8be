/** Anything that survives a round trip through JSON. Configurations and cursors are of this type. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A value or a promise of it: what a callback or a factory may return. */
export type Awaitable<T> = T | Promise<T>;
