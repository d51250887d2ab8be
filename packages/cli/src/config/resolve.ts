import { HeddleError, type Json, nearest } from '@heddle/core';
import { z } from 'zod';
import { configSchema, type ResolvedConfig } from './schema.js';

/** Checks a configuration and fills in its defaults. `file` is where it came from, for messages. */
export function resolveConfig(given: unknown, file: string): ResolvedConfig {
  return check(configSchema, given, file, []);
}

/** Checks the options of a part, which stand at `key` of the configuration. */
export function checked<T>(key: string, schema: z.ZodType<T>, given: unknown): T {
  return check(schema, given, 'the configuration', [key]);
}

function check<T>(schema: z.ZodType<T>, given: unknown, file: string, under: readonly string[]): T {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const problems = result.error.issues
    .flatMap((issue) => describe(issue, schema, given))
    .map(({ path, message }) => ({ key: [...under, ...path].join('.') || '(top level)', message }));
  const lines = problems.map(({ key, message }) => `  ${key}: ${message}`);
  throw new HeddleError(
    'config/invalid',
    `${file} is not a valid configuration:\n${lines.join('\n')}`,
    { file, problems },
  );
}

function describe(
  issue: z.core.$ZodIssue,
  schema: unknown,
  given: unknown,
): { path: string[]; message: string }[] {
  const at = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, at);
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      const hint = near ? `did you mean "${near}"?` : `known here: ${known.join(', ')}.`;
      return { path: [...at, key], message: `unknown key; ${hint}` };
    });
  }
  return [{ path: at, message: `${issue.message}; given: ${show(valueAt(given, at))}` }];
}

/** The keys that the schema knows under a path. */
function keysAt(root: unknown, path: readonly string[]): string[] {
  let schema = root;
  for (const key of path) {
    const object = unwrap(schema);
    schema =
      object instanceof z.ZodArray
        ? object.element
        : object instanceof z.ZodObject
          ? object.shape[key]
          : undefined;
  }
  const object = unwrap(schema);
  return object instanceof z.ZodObject ? Object.keys(object.shape) : [];
}

/** A schema without its defaults. */
export function unwrap(schema: unknown): unknown {
  let inner = schema;
  while (
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault ||
    inner instanceof z.ZodOptional
  ) {
    inner = inner.unwrap();
  }
  return inner;
}

function valueAt(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value as Json);
}
