/** TAP 13 and 14. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { interpretReport } from '../interpret-report.ts';
import { readTap } from './parse.ts';

export function createFormat(): CheckFormat {
  const reader = { id: 'tap', label: 'TAP report', read: readTap } as const;
  return { id: reader.id, interpret: (evidence) => interpretReport(evidence, reader) };
}
