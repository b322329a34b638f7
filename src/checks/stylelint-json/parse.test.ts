import { describe, expect, it } from 'vitest';
import { bytesOf, findingsOf } from '../../../test/fixtures/readings.ts';
import { readStylelint } from './parse.ts';

const read = (text: string): readonly string[] => findingsOf(readStylelint(bytesOf(text), 'file'));

const source = (more: object = {}): object => ({ source: '/w/a.css', warnings: [], parseErrors: [], ...more });
const report = (...sources: readonly object[]): string => JSON.stringify(sources);

describe('Stylelint', () => {
  it('reads warnings by their rule and severity, and parse errors as errors', () => {
    const warnings = [
      { rule: 'unit', severity: 'error', text: 'no %', line: 3, column: 5 },
      { rule: 'color', severity: 'warning', text: 'no red', line: 4, column: 1 },
    ];
    const parseErrors = [{ stylelintType: 'parseError', text: 'Unclosed block' }];
    expect(read(report(source({ warnings, parseErrors }), source()))).toEqual([
      'error /w/a.css > unit: /w/a.css:3:5: no %',
      'warning /w/a.css > color: /w/a.css:4:1: no red',
      'error /w/a.css > parseError: /w/a.css: Unclosed block',
      'examined 2',
    ]);
  });

  it('does not count an ignored source as examined', () => {
    expect(read(report(source({ ignored: true })))).toEqual(['examined 0']);
  });

  it('doubts a rule that did not run because of its options', () => {
    const text = report(source({ invalidOptionWarnings: [{ text: 'Invalid option "x"' }] }));
    expect(read(text)).toContain('doubt: a rule has invalid options: Invalid option "x"');
  });

  it.each(['{}', '[{}]', '[{"source":"a"}]', '[{"warnings":[]}]'])('refuses %s', (text) =>
    expect(read(text)).toEqual(['unreadable: is JSON, but not a Stylelint report']),
  );
});
