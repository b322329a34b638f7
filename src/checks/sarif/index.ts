/** Static Analysis Results Interchange Format 2.1.0 (OASIS). See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { findingsFormat } from '../interpret-findings.ts';
import { readSarif } from './parse.ts';

export function createFormat(): CheckFormat {
  return findingsFormat({ id: 'sarif', label: 'SARIF report', noun: 'artifact', read: readSarif });
}
