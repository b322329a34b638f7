/** What `golangci-lint run --output.json.path stdout` writes. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { findingsFormat } from '../interpret-findings.ts';
import { readGolangci } from './parse.ts';

export function createFormat(): CheckFormat {
  return findingsFormat({ id: 'golangci-json', label: 'golangci-lint report', noun: 'linter', read: readGolangci });
}
