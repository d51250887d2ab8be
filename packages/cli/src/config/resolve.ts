import { HeddleError, type Json, nearest } from '@heddle/core';
import { z } from 'zod';
import { configSchema, type ResolvedConfig } from './schema.js';

/** Checks a configuration and fills in its defaults. `file` is where it came from, for messages. */
export function resolveConfig(given: unknown, file: string): ResolvedConfig {
  const result = configSchema.safeParse(given);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) => describe(issue, given));
  const lines = problems.map(({ key, message }) => `  ${key}: ${message}`);
  throw new HeddleError(
    'config/invalid',
    `${file} is not a valid configuration:\n${lines.join('\n')}`,
    {
      file,
      problems,
    },
  );
}

function describe(issue: z.core.$ZodIssue, given: unknown): { key: string; message: string }[] {
  const at = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(at);
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      const hint = near ? `did you mean "${near}"?` : `known here: ${known.join(', ')}.`;
      return { key: [...at, key].join('.'), message: `unknown key; ${hint}` };
    });
  }
  return [
    {
      key: at.join('.') || '(top level)',
      message: `${issue.message}; given: ${show(valueAt(given, at))}`,
    },
  ];
}

/** The keys that the schema knows under a path. */
function keysAt(path: readonly string[]): string[] {
  let schema: unknown = configSchema;
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
