/** What `eslint --format json` and `--format json-with-metadata` write. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { findingsFormat } from '../interpret-findings.ts';
import { readEslint } from './parse.ts';

export function createFormat(): CheckFormat {
  return findingsFormat({ id: 'eslint-json', label: 'ESLint report', noun: 'file', read: readEslint });
}
