import { fileURLToPath } from 'node:url';
import {
  type ConformanceReport,
  conformanceReports,
} from '../../../packages/cli/src/conformance/report.js';
import { conformanceMarkdown, LEGEND } from '../../../packages/cli/src/conformance/table.js';
import type { Absent, Candidate } from './candidates.js';

export const DOCUMENT: string = fileURLToPath(
  new URL('../../../docs/conformance.md', import.meta.url),
);

/** Reports of all candidates, with a line of progress an operation. */
export function judgeAll(
  here: readonly Candidate[],
  note: (text: string) => void = () => {},
): Promise<ConformanceReport[]> {
  return conformanceReports(here, (op, done, count) => note(`${done} of ${count}: ${op}`));
}

/** docs/conformance.md. */
export function render(reports: readonly ConformanceReport[], absent: readonly Absent[]): string {
  const missing = absent.map(({ name, reason }) => `- ${name}: ${reason}`);
  return `# Conformance

What every backend, in each of its modes, makes of every operation of the contract: three marks for forward (values, NaN
and infinities, broadcasting, aliasing), gradient (by \`@heddle/tensor\`'s autodiff, beside the reference kernels of
\`cpu\`) and edge shapes (scalars, ones, empty tensors). This page is generated, by \`npm run conformance\`, and a test
compares it with what the backends do; \`npx heddle conformance --backend NAME\` says the same of any backend.

${LEGEND}

${conformanceMarkdown(reports)}
${missing.length > 0 ? `\n## Not run\n\n${missing.join('\n')}\n` : ''}`;
}

/** Where the page says something else than these reports do; columns of backends that are not among them are left alone. */
export function differences(page: string, reports: readonly ConformanceReport[]): string[] {
  const written = cells(page);
  const now = cells(conformanceMarkdown(reports));
  const missing = [...now]
    .filter(([place, marks]) => written.get(place) !== marks)
    .map(
      ([place, marks]) => `${place}: the page has "${written.get(place) ?? ''}", it is "${marks}"`,
    );
  const judged = new Set(reports.map(({ backend }) => backend));
  const stale = [...written.keys()]
    .filter((place) => judged.has(place.split(' | ')[1]) && !now.has(place))
    .map((place) => `${place}: the page has "${written.get(place)}", but there is nothing`);
  return [...missing, ...stale];
}

/** The cells of a page's tables by `dtype | backend | operation`, and its lines on waivers by themselves. */
function cells(page: string): Map<string, string> {
  const found = new Map<string, string>();
  let section = '';
  let head: string[] = [];
  for (const line of page.split('\n')) {
    if (line.startsWith('## ')) {
      section = line.slice(3);
      head = [];
    } else if (line.startsWith('| ')) {
      const row = line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim());
      if (head.length === 0) head = row;
      else if (!/^-+$/.test(row[0]))
        for (const [i, cell] of row.entries())
          if (i > 0) found.set(`${section} | ${head[i]} | ${row[0]}`, cell);
    } else if (section.startsWith('Waived') && line.startsWith('- **')) {
      found.set(`${section} | ${line.split('**')[1]} | ${line}`, 'waived');
    }
  }
  return found;
}
