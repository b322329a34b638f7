/** What `npm audit --json` writes, and its like of pnpm and cargo. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { findingsFormat } from '../interpret-findings.ts';
import { readAudit } from './parse.ts';

export function createFormat(): CheckFormat {
  return findingsFormat({ id: 'npm-audit', label: 'audit report', noun: 'package', read: readAudit });
}
