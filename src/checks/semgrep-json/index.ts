/** What `semgrep scan --json` writes. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { findingsFormat } from '../interpret-findings.ts';
import { readSemgrep } from './parse.ts';

export function createFormat(): CheckFormat {
  return findingsFormat({ id: 'semgrep-json', label: 'Semgrep report', noun: 'file', read: readSemgrep });
}
