import { openBackend } from '../builtin.js';
import type { CommandContext, CommandResult } from '../command.js';
import { conformanceReports } from '../conformance/report.js';
import { countsOf, formatConformance } from '../conformance/table.js';

/** Judges every operation of a backend: forward, gradient and edge shapes in each dtype. */
export async function conformance(
  { config, reporter }: CommandContext,
  { backend: name }: { readonly backend?: string },
): Promise<CommandResult> {
  const backend = name === undefined || name === config.backend.name ? config.backend : { name };
  const candidate = {
    name: Object.values(backend).join(' '),
    make: () => openBackend({ ...config, backend }),
  };
  const [report] = await conformanceReports([candidate], (op, done, count) =>
    reporter.progress({ label: 'conformance', share: done / count, note: op }),
  );
  const counts = countsOf(report);
  return {
    text: formatConformance(report),
    json: { ...counts, report: JSON.parse(JSON.stringify(report)) },
    failed: counts.fail > 0,
  };
}
