/** NUnit XML, of version 3 (`test-run`) and of version 2 (`test-results`). See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { reportFormat } from '../interpret-report.ts';
import { readNunit } from './parse.ts';

export function createFormat(): CheckFormat {
  return reportFormat({ id: 'nunit', label: 'NUnit report', read: readNunit });
}
