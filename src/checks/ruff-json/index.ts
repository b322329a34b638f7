/** What `ruff check --output-format json` writes. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { findingsFormat } from '../interpret-findings.ts';
import { readRuff } from './parse.ts';

export function createFormat(): CheckFormat {
  return findingsFormat({ id: 'ruff-json', label: 'Ruff report', noun: 'file', read: readRuff });
}
