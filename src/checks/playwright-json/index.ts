/** What `playwright test --reporter=json` writes. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { reportFormat } from '../interpret-report.ts';
import { readPlaywright } from './parse.ts';

export function createFormat(): CheckFormat {
  return reportFormat({ id: 'playwright-json', label: 'Playwright report', read: readPlaywright });
}
