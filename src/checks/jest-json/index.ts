/** What `jest --json` and `vitest --reporter=json` write. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { reportFormat } from '../interpret-report.ts';
import { readJest } from './parse.ts';

export function createFormat(): CheckFormat {
  return reportFormat({ id: 'jest-json', label: 'Jest report', read: readJest });
}
