import type { Estimate } from '@heddle/core';

/** What is compared (a model, a baseline, before, after), with its estimates by metric. */
export interface ReportRow {
  readonly name: string;
  readonly estimates: Readonly<Record<string, Estimate>>;
}

export interface Report {
  readonly title?: string;
  readonly rows: readonly ReportRow[];
}

export type ReportFormat = 'table' | 'markdown' | 'json';

/**
 * A report as aligned text, as Markdown, or as JSON. A row a thing compared, a column a metric;
 * a number shows its standard error to two digits and is itself cut there: `0.934 ± 0.011`.
 */
export function formatReport(report: Report, format: ReportFormat = 'table'): string {
  if (format === 'json') return `${JSON.stringify(report, null, 2)}\n`;
  const metrics = [...new Set(report.rows.flatMap((row) => Object.keys(row.estimates)))];
  const cells = [
    ['', ...metrics, 'n'],
    ...report.rows.map(({ name, estimates }) => [
      name,
      ...metrics.map((m) => (Object.hasOwn(estimates, m) ? formatEstimate(estimates[m]) : '-')),
      countsOf(estimates),
    ]),
  ].map((row) => row.map(format === 'markdown' ? escapeMarkdown : oneLine));
  const widths = cells[0].map((_, c) => Math.max(3, ...cells.map((row) => lengthOf(row[c]))));
  return format === 'markdown'
    ? markdown(report.title, cells, widths)
    : table(report.title, cells, widths);
}

/** `0.934 ± 0.011`; without a standard error four significant digits. */
export function formatEstimate({ value, standardError }: Estimate): string {
  if (standardError === undefined) return compact(value);
  if (standardError === 0) return `${compact(value)} ± 0`;
  const digits = 1 - Math.floor(Math.log10(standardError));
  if (digits < 0 || digits > 12) return `${compact(value)} ± ${standardError.toPrecision(2)}`;
  return `${value.toFixed(digits)} ± ${standardError.toFixed(digits)}`;
}

const compact = (value: number): string => String(Number(value.toPrecision(4)));

/** The observations behind a row: one number, or a range if its metrics saw different ones. */
function countsOf(estimates: Readonly<Record<string, Estimate>>): string {
  const counts = [...new Set(Object.values(estimates).map(({ count }) => count))];
  if (counts.length === 0) return '-';
  const low = Math.min(...counts);
  return counts.length === 1 ? String(low) : `${low}-${Math.max(...counts)}`;
}

const lengthOf = (text: string): number => [...text].length;
const oneLine = (text: string): string => text.replace(/\s+/g, ' ');
const escapeMarkdown = (text: string): string => oneLine(text).replace(/[\\|`*_<[\]]/g, '\\$&');
const padEnd = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - lengthOf(text)));
const padStart = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - lengthOf(text))) + text;

const aligned = (row: readonly string[], widths: readonly number[]): string[] =>
  row.map((cell, c) => (c === 0 ? padEnd(cell, widths[c]) : padStart(cell, widths[c])));

function table(
  title: string | undefined,
  cells: readonly (readonly string[])[],
  widths: readonly number[],
): string {
  const lines = cells.map((row) => aligned(row, widths).join('  ').trimEnd());
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return `${[...(title === undefined ? [] : [oneLine(title), '']), ...lines].join('\n')}\n`;
}

function markdown(
  title: string | undefined,
  cells: readonly (readonly string[])[],
  widths: readonly number[],
): string {
  const lines = cells.map((row) => `| ${aligned(row, widths).join(' | ')} |`);
  const rule = widths.map((width, c) =>
    c === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  lines.splice(1, 0, `| ${rule.join(' | ')} |`);
  const heading = title === undefined ? [] : [`## ${escapeMarkdown(title)}`, ''];
  return `${[...heading, ...lines].join('\n')}\n`;
}
