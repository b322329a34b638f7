/** LCOV tracefiles (`lcov.info`). See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { coverageFormat } from '../coverage.ts';
import { readLcov } from './parse.ts';

export function createFormat(): CheckFormat {
  return coverageFormat({ id: 'lcov', label: 'LCOV report', read: readLcov });
}
