import { z } from 'zod';
import { unwrap } from './resolve.js';
import { configSchema } from './schema.js';

/** One line a key for the sections named: key, type, default, description. For --help. */
export function describeKeys(sections: readonly string[]): string {
  const rows: [string, string, string][] = [];
  for (const section of ['run', 'seed', ...sections]) {
    const schema: unknown = configSchema.shape[section as keyof typeof configSchema.shape];
    const inner = unwrap(schema);
    if (inner instanceof z.ZodObject && section !== 'backend') {
      for (const [key, value] of Object.entries(inner.shape))
        rows.push(row(`${section}.${key}`, value));
    } else {
      rows.push(row(section === 'backend' ? 'backend.name' : section, schema));
    }
  }
  const width = Math.max(...rows.map(([key]) => key.length));
  const middle = Math.min(26, Math.max(...rows.map(([, type]) => type.length)));
  return rows
    .map(([key, type, about]) =>
      `  ${key.padEnd(width)}  ${type.padEnd(middle)}  ${about}`.trimEnd(),
    )
    .join('\n');
}

function row(key: string, schema: unknown): [string, string, string] {
  const about = schema instanceof z.ZodType ? (schema.description ?? '') : '';
  return [key, `${typeName(unwrap(schema))}${defaultOf(schema)}`, about];
}

function typeName(schema: unknown): string {
  if (schema instanceof z.ZodEnum) return schema.options.join('|');
  if (schema instanceof z.ZodNumber) return 'number';
  if (schema instanceof z.ZodString) return 'text';
  if (schema instanceof z.ZodArray) return 'list';
  return 'object';
}

function defaultOf(schema: unknown): string {
  if (!(schema instanceof z.ZodDefault)) return '';
  const value: unknown = schema.def.defaultValue;
  return Array.isArray(value) && value.length === 0 ? '' : ` = ${JSON.stringify(value)}`;
}
