/** What `go test -json` writes. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { reportFormat } from '../interpret-report.ts';
import { readGoTest } from './parse.ts';

export function createFormat(): CheckFormat {
  return reportFormat({ id: 'go-test-json', label: 'Go test report', read: readGoTest });
}
