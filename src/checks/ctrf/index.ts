/** Common Test Report Format (ctrf.io), which reporters exist for in most runners. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { reportFormat } from '../interpret-report.ts';
import { readCtrf } from './parse.ts';

export function createFormat(): CheckFormat {
  return reportFormat({ id: 'ctrf', label: 'CTRF report', read: readCtrf });
}
