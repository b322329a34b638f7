import { describe, expect, it } from 'vitest';
import { checkFormatConformance } from '../public/conformance/check.ts';
import type { TestBody } from '../public/conformance/harness.ts';
import { REPORT_FORMATS } from '../core/check.ts';
import { loadCheckFormat } from './registry.ts';
import { REPORTS } from '../../test/fixtures/check-reports.ts';
import type { CheckFormat } from '../ports/check.ts';

for (const id of REPORT_FORMATS) {
  checkFormatConformance({ describe, it, expect }, { name: id, load: () => loadCheckFormat(id), ...REPORTS[id] });
}

describe('the registry of check formats', () => {
  it('loads every format under its own name', async () => {
    expect(REPORT_FORMATS.toSorted()).toEqual(Object.keys(REPORTS).toSorted());
    for (const id of REPORT_FORMATS) expect((await loadCheckFormat(id)).id).toBe(id);
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
