import type { DType, OpKind } from '@heddle/core';
import type { Cell, ConformanceReport, ConformanceRow } from './report.js';

export const MARKS: { readonly [S in Cell['status']]: string } = {
  pass: '✓',
  composed: '◦',
  waived: 'w',
  fail: '✗',
};

export const LEGEND: string =
  '✓ its own operation is right · ◦ composed out of others, and right · w waived · ✗ wrong · – there is none';

/** Forward, gradient, edge shapes. */
export function marksOf(row: ConformanceRow | undefined): string {
  if (row === undefined) return '';
  return [row.forward, row.gradient, row.edges]
    .map((cell) => (cell === undefined ? '–' : MARKS[cell.status]))
    .join(' ');
}

/** What is wrong, each reason with the operations that it touches. */
function failuresOf({ rows }: ConformanceReport): Map<string, string[]> {
  const failures = new Map<string, string[]>();
  for (const { op, dtype, forward, gradient, edges } of rows) {
    for (const [part, cell] of Object.entries({ forward, gradient, edges })) {
      if (cell?.status !== 'fail') continue;
      const places = failures.get(cell.reason) ?? [];
      failures.set(cell.reason, [...places, `${op} ${dtype} ${part}`]);
    }
  }
  return failures;
}

/** How many cells have each status. */
export function countsOf({ rows }: ConformanceReport): Record<Cell['status'], number> {
  const counts = { pass: 0, composed: 0, waived: 0, fail: 0 };
  for (const { forward, gradient, edges } of rows)
    for (const cell of [forward, gradient, edges]) if (cell) counts[cell.status]++;
  return counts;
}

/** One report for a terminal: a line an operation, a column a dtype. */
export function formatConformance(report: ConformanceReport): string {
  const { backend, rows } = report;
  const dtypes = dtypesOf([report]);
  const at = new Map(rows.map((row) => [`${row.op} ${row.dtype}`, row]));
  const ops = [...new Set(rows.map(({ op }) => op))];
  const width = Math.max(...ops.map((op) => op.length));
  const line = (name: string, cells: readonly string[]): string =>
    `  ${name.padEnd(width)}  ${cells.map((cell) => cell.padEnd(7)).join('')}`.trimEnd();
  const { pass, composed, waived, fail } = countsOf(report);
  const notes = [
    ...[...failuresOf(report)].map(
      ([reason, places]) => `  ${places.join(', ')}:\n    ${reason.replaceAll('\n', '\n    ')}`,
    ),
    ...report.waivers.map(({ reason, tests }) => `  waived: ${tests.join(', ')}:\n    ${reason}`),
  ];
  return [
    `  ${backend}: forward, gradient, edge shapes`,
    '',
    line('', dtypes),
    ...ops.map((op) =>
      line(
        op,
        dtypes.map((dtype) => marksOf(at.get(`${op} ${dtype}`))),
      ),
    ),
    '',
    `  ${LEGEND}`,
    `  ${pass} right, ${composed} composed, ${waived} waived, ${fail} wrong`,
    ...(notes.length > 0 ? ['', ...notes] : []),
  ].join('\n');
}

/** Reports of several backends side by side, in Markdown: a table a dtype, then what is waived and why. */
export function conformanceMarkdown(reports: readonly ConformanceReport[]): string {
  const ops = [...new Set(reports.flatMap(({ rows }) => rows.map(({ op }) => op)))];
  const tables = dtypesOf(reports).map((dtype) => {
    const columns = reports.filter(({ rows }) => rows.some((row) => row.dtype === dtype));
    const lines = ops
      .map((op) => [`\`${op}\``, ...columns.map((report) => marksOf(find(report, op, dtype)))])
      .filter(([, ...cells]) => cells.some((cell) => cell !== ''));
    return `## ${dtype}\n\n${markdownTable(['operation', ...columns.map(({ backend }) => backend)], lines)}`;
  });
  const waived = reports.flatMap(({ backend, waivers }) =>
    waivers.map(({ reason, tests }) => `- **${backend}**, ${tests.join(', ')}: ${reason}`),
  );
  return [...tables, `## Waived, and why\n\n${waived.join('\n') || 'Nothing.'}`].join('\n\n');
}

function markdownTable(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = head.map((cell, i) => Math.max(cell.length, ...lines.map((l) => l[i].length)));
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [row(head), `| ${widths.map((w) => '-'.repeat(w)).join(' | ')} |`, ...lines.map(row)].join(
    '\n',
  );
}

const find = ({ rows }: ConformanceReport, op: OpKind, dtype: DType): ConformanceRow | undefined =>
  rows.find((row) => row.op === op && row.dtype === dtype);

function dtypesOf(reports: readonly ConformanceReport[]): DType[] {
  const present = new Set(reports.flatMap(({ rows }) => rows.map(({ dtype }) => dtype)));
  return (['f32', 'bf16', 'i32'] as const).filter((dtype) => present.has(dtype));
}
