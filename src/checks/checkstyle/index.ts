/** Checkstyle XML, which many linters write too. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { findingsFormat } from '../interpret-findings.ts';
import { readCheckstyle } from './parse.ts';

export function createFormat(): CheckFormat {
  return findingsFormat({ id: 'checkstyle', label: 'Checkstyle report', noun: 'file', read: readCheckstyle });
}
