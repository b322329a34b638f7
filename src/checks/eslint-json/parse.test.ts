import { describe, expect, it } from 'vitest';
import { bytesOf, findingsOf } from '../../../test/fixtures/readings.ts';
import { readEslint } from './parse.ts';

const read = (text: string): readonly string[] => findingsOf(readEslint(bytesOf(text), 'file'));

const file = (messages: readonly object[], more: object = {}): object => ({ filePath: '/w/a.js', messages, ...more });
const report = (...files: readonly object[]): string => JSON.stringify(files);

describe('ESLint', () => {
  it('reads messages by their rule, and what is fatal as an error', () => {
    const messages = [
      { ruleId: 'no-undef', severity: 2, message: 'x is not defined', line: 3, column: 5 },
      { ruleId: 'no-var', severity: 1, message: 'no var', line: 4 },
      { ruleId: null, severity: 1, fatal: true, message: 'Parsing error' },
    ];
    expect(read(report(file(messages), file([])))).toEqual([
      'error /w/a.js > no-undef: /w/a.js:3:5: x is not defined',
      'warning /w/a.js > no-var: /w/a.js:4: no var',
      'error /w/a.js > Parsing error: /w/a.js: Parsing error',
      'examined 2',
    ]);
  });

  it('reads the report with metadata the same way', () => {
    expect(read(JSON.stringify({ results: [file([])], metadata: {} }))).toEqual(['examined 1']);
  });

  it('does not count an ignored file as examined', () => {
    const ignored = { ruleId: null, severity: 1, message: 'File ignored because of a matching ignore pattern.' };
    expect(read(report(file([ignored])))).toContain('examined 0');
    expect(read(report())).toEqual(['examined 0']);
  });

  it('counts what a file declares beyond the messages it shows', () => {
    expect(read(report(file([], { errorCount: 1, warningCount: 1 })))).toEqual([
      'error /w/a.js > not shown: /w/a.js: counts 1 of level error, and shows fewer',
      'warning /w/a.js > not shown: /w/a.js: counts 1 of level warning, and shows fewer',
      'examined 1',
    ]);
  });

  it.each(['{}', '[1]', '[{"messages":[]}]', '[{"filePath":"a","messages":[1]}]'])('refuses %s', (text) =>
    expect(read(text)).toEqual(['unreadable: is JSON, but not an ESLint report']),
  );
});
