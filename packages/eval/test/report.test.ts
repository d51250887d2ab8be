import { describe, expect, it } from 'vitest';
import { formatEstimate, formatReport, type Report } from '../src/index.js';

const report: Report = {
  title: 'licence or readme?',
  rows: [
    {
      name: 'majority',
      estimates: { accuracy: { value: 0.5, standardError: 0.0353, count: 200 } },
    },
    {
      name: 'after | LoRA',
      estimates: {
        accuracy: { value: 0.9341, standardError: 0.01123, count: 200 },
        perplexity: { value: 31.234, standardError: undefined, count: 12 },
      },
    },
  ],
};

describe('formatEstimate', () => {
  it.each([
    [0.93412, 0.01123, '0.934 ± 0.011'],
    [31.26, 2.04, '31.3 ± 2.0'],
    [12345.6, 78.9, '12346 ± 79'],
    [12345.6, 789, '12350 ± 7.9e+2'],
    [1, 0, '1 ± 0'],
    [2.71234, undefined, '2.712'],
  ])('%d with error %s is "%s"', (value, standardError, text) => {
    expect(formatEstimate({ value, standardError, count: 9 })).toBe(text);
  });
});

describe('formatReport', () => {
  it('aligns a table', () => {
    expect(formatReport(report)).toBe(
      [
        'licence or readme?',
        '',
        '                   accuracy  perplexity       n',
        '------------  -------------  ----------  ------',
        'majority      0.500 ± 0.035           -     200',
        'after | LoRA  0.934 ± 0.011       31.23  12-200',
        '',
      ].join('\n'),
    );
  });

  it('writes Markdown, with pipes in names escaped', () => {
    const lines = formatReport(report, 'markdown').split('\n');
    expect(lines[0]).toBe('## licence or readme?');
    expect(lines[5]).toContain('after \\| LoRA');
    for (const line of lines.slice(2, 6)) {
      expect(line.replaceAll('\\|', '').match(/\|/g)).toHaveLength(5);
    }
  });

  it('writes JSON that reads back', () => {
    expect(JSON.parse(formatReport(report, 'json'))).toEqual(JSON.parse(JSON.stringify(report)));
  });
});
