import { describe, expect, it } from 'vitest';
import { bytesOf, findingsOf } from '../../../test/fixtures/readings.ts';
import { readSarif } from './parse.ts';

const read = (text: string): readonly string[] => findingsOf(readSarif(bytesOf(text), 'file'));

function report(results: readonly object[], more: object = {}): string {
  return JSON.stringify({ version: '2.1.0', runs: [{ results, ...more }] });
}

const location = { physicalLocation: { artifactLocation: { uri: 'a.c' }, region: { startLine: 3, startColumn: 5 } } };
const result = (more: object = {}): object => ({
  ruleId: 'r',
  message: { text: 'no' },
  locations: [location],
  ...more,
});

describe('SARIF', () => {
  it('takes the level from the result, then from its rule, then for a warning', () => {
    const rules = [{ id: 'strict', defaultConfiguration: { level: 'error' } }];
    const results = [result({ level: 'error' }), result({ ruleId: 'strict' }), result(), result({ level: 'NONE' })];
    expect(read(report(results, { tool: { driver: { rules } } }))).toEqual([
      'error a.c > r: a.c:3:5: no',
      'error a.c > strict: a.c:3:5: no',
      'warning a.c > r: a.c:3:5: no',
      'warning a.c > r: a.c:3:5: no',
      'examined unknown',
    ]);
  });

  it('leaves out what is suppressed or no complaint, and keeps what is under review', () => {
    const kept = result({ suppressions: [{ kind: 'inSource', status: 'underReview' }] });
    const gone = [
      result({ suppressions: [{ kind: 'inSource' }] }),
      result({ suppressions: [{ kind: 'external', status: 'accepted' }] }),
      result({ kind: 'pass', level: 'error' }),
      result({ kind: 'notApplicable', level: 'error' }),
    ];
    expect(read(report([...gone, kept, result({ suppressions: [] })]))).toHaveLength(3);
  });

  it('names a result without a rule by its words', () => {
    expect(read(report([{ message: { text: 'odd' } }]))[0]).toBe('warning  > odd: : odd');
  });

  it('counts artifacts as examined, of all runs together', () => {
    const run = { results: [], artifacts: [{}, {}] };
    expect(read(JSON.stringify({ runs: [run, run] }))).toEqual(['examined 4']);
  });

  it('doubts an analysis that says that it failed', () => {
    const failed = { invocations: [{ executionSuccessful: false }] };
    expect(read(report([], failed))).toContain('doubt: it says that the analysis did not succeed');
    const notices = [{ level: 'error', message: { text: 'out of memory' } }];
    const broken = { invocations: [{ executionSuccessful: true, toolExecutionNotifications: notices }] };
    expect(read(report([], broken))).toContain('doubt: the tool failed: out of memory');
  });

  it.each(['[]', '{}', '{"runs":[1]}', '{"runs":[{"results":{}}]}'])('refuses %s', (text) =>
    expect(read(text)).toEqual(['unreadable: is JSON, but not a SARIF report']),
  );
});
