/** JUnit XML, in every dialect that test runners write. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { reportFormat } from '../interpret-report.ts';
import { readJunit } from './parse.ts';

export function createFormat(): CheckFormat {
  return reportFormat({ id: 'junit', label: 'JUnit report', read: readJunit });
}
