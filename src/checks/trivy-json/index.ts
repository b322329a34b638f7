/** What `trivy --format json` writes. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { findingsFormat } from '../interpret-findings.ts';
import { readTrivy } from './parse.ts';

export function createFormat(): CheckFormat {
  return findingsFormat({ id: 'trivy-json', label: 'Trivy report', noun: 'target', read: readTrivy });
}
