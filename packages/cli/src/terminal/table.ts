import Table from 'cli-table3';

/** An aligned table without borders; numbers are to be given as text. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const none = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: '  ',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: '  ',
  };
  const numeric = head.map(
    (_, column) => rows.length > 0 && rows.every((row) => /^[-+±\d.,%\s]*$/.test(row[column])),
  );
  const made = new Table({
    head: [...head],
    chars: none,
    colAligns: numeric.map((is) => (is ? 'right' : 'left')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  made.push(...rows.map((row) => [...row]));
  return made.toString();
}
