/** xUnit.net XML, version 2 (`assemblies`); Fixie writes it too. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { reportFormat } from '../interpret-report.ts';
import { readXunit } from './parse.ts';

export function createFormat(): CheckFormat {
  return reportFormat({ id: 'xunit', label: 'xUnit.net report', read: readXunit });
}
