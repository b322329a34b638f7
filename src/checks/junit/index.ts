/** JUnit XML, in every dialect that test runners write. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { interpretReport } from '../interpret-report.ts';
import { readJunit } from './parse.ts';

export function createFormat(): CheckFormat {
  const reader = { id: 'junit', label: 'JUnit report', read: readJunit } as const;
  return { id: reader.id, interpret: (evidence) => interpretReport(evidence, reader) };
}
