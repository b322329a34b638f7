/** Cobertura XML (coverage.py, gcovr, coverlet, istanbul). See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { coverageFormat } from '../coverage.ts';
import { readCobertura } from './parse.ts';

export function createFormat(): CheckFormat {
  return coverageFormat({ id: 'cobertura', label: 'Cobertura report', read: readCobertura });
}
