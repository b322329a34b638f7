/** What `rspec --format json` writes. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { reportFormat } from '../interpret-report.ts';
import { readRspec } from './parse.ts';

export function createFormat(): CheckFormat {
  return reportFormat({ id: 'rspec-json', label: 'RSpec report', read: readRspec });
}
