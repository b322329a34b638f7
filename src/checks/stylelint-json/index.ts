/** What `stylelint --formatter json` writes. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { findingsFormat } from '../interpret-findings.ts';
import { readStylelint } from './parse.ts';

export function createFormat(): CheckFormat {
  return findingsFormat({ id: 'stylelint-json', label: 'Stylelint report', noun: 'file', read: readStylelint });
}
