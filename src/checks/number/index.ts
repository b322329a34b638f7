/** The last number that a command prints: a size, a count, a time. See `parse.ts` for what counts as what. */
import type { CheckFormat } from '../../ports/check.ts';
import { measureFormat } from '../measure-format.ts';
import { readNumber } from './parse.ts';

export function createFormat(): CheckFormat {
  return measureFormat({ id: 'number', label: 'number', read: readNumber }, ([first, ...rest]) => rest.at(-1) ?? first);
}
