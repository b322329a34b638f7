/** TAP 13 and 14. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { reportFormat } from '../interpret-report.ts';
import { readTap } from './parse.ts';

export function createFormat(): CheckFormat {
  return reportFormat({ id: 'tap', label: 'TAP report', read: readTap });
}
