import { describe, expect, it } from 'vitest';
import { checkFormatConformance } from '../public/conformance/check.ts';
import type { CheckFormatSubject } from '../public/conformance/check.ts';
import type { TestBody } from '../public/conformance/harness.ts';
import { CHECK_FORMATS, loadCheckFormat } from './registry.ts';
import type { ReportFormat } from '../core/check.ts';
import type { CheckFormat } from '../ports/check.ts';

const REPORTS: Readonly<Record<ReportFormat, Pick<CheckFormatSubject, 'greenReport' | 'redReport'>>> = {
  junit: {
    greenReport: `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3"><testsuite name="sums">
  <testcase classname="sums" name="adds"/><testcase classname="sums" name="subtracts"/>
  <testcase classname="sums" name="divides"><skipped message="later"/></testcase>
</testsuite></testsuites>`,
    redReport: `<testsuite name="sums" tests="2" failures="1">
  <testcase name="adds"/><testcase name="subtracts"><failure message="1 is not 2">at sums.js:3</failure></testcase>
</testsuite>`,
  },
  tap: {
    greenReport: `TAP version 14
# Subtest: sums
    ok 1 - adds
      ---
      duration_ms: 1
      ...
    ok 2 - subtracts # SKIP later
    1..2
ok 1 - sums
ok 2 - divides
1..2
`,
    redReport: `1..2
ok 1 - adds
not ok 2 - subtracts
  ---
  message: 1 is not 2
  ...
`,
  },
  'exit-code': { greenReport: null, redReport: null },
};

for (const id of CHECK_FORMATS) {
  checkFormatConformance({ describe, it, expect }, { name: id, load: () => loadCheckFormat(id), ...REPORTS[id] });
}

describe('the registry of check formats', () => {
  it('loads every format under its own name', async () => {
    expect(CHECK_FORMATS.toSorted()).toEqual(Object.keys(REPORTS).toSorted());
    for (const id of CHECK_FORMATS) expect((await loadCheckFormat(id)).id).toBe(id);
  });

  it('has a conformance suite that goes red for a format that believes every exit code', async () => {
    const names: string[] = [];
    const failures: string[] = [];
    const bodies: TestBody[] = [];
    const credulous: CheckFormat = {
      id: 'junit',
      interpret: () => ({ conclusion: 'success', counted: 1, failed: 0, skipped: 0, tests: [], summary: 'Fine.' }),
    };
    const record = (name: string, body: TestBody): void => {
      names.push(name);
      bodies.push(body);
    };
    checkFormatConformance(
      { expect, describe: (_name, body) => body(), it: Object.assign(record, { skip: () => undefined }) },
      { name: 'credulous', load: () => Promise.resolve(credulous), ...REPORTS.junit },
    );
    for (const [at, body] of bodies.entries()) {
      await Promise.resolve()
        .then(body)
        .catch((error: unknown) => {
          if (!(error instanceof Error) || error.name !== 'AssertionError') throw error;
          failures.push(names[at] ?? '');
        });
    }
    expect(failures).toContain('is never a success when the command did not exit with 0');
    expect(failures).toContain('is never a success for a red report, also when the command exits with 0');
  });
});
