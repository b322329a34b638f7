/** What `dotnet test --logger trx` writes: Visual Studio test results. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { reportFormat } from '../interpret-report.ts';
import { readTrx } from './parse.ts';

export function createFormat(): CheckFormat {
  return reportFormat({ id: 'trx', label: 'TRX report', read: readTrx });
}
