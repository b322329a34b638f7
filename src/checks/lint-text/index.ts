/** Lines of compilers and linters for people: gcc, clang, tsc, MSBuild, rustc, mypy, Pylint, Flake8. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { findingsFormat } from '../interpret-findings.ts';
import { readLintText } from './parse.ts';

export function createFormat(): CheckFormat {
  return findingsFormat({ id: 'lint-text', label: 'lint output', noun: 'file', read: readLintText });
}
