/** What `mocha --reporter json` writes. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { reportFormat } from '../interpret-report.ts';
import { readMocha } from './parse.ts';

export function createFormat(): CheckFormat {
  return reportFormat({ id: 'mocha-json', label: 'Mocha report', read: readMocha });
}
