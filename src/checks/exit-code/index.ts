/** The exit code of the command alone: the weakest check, for commands that write no report. */
import type { CheckFormat } from '../../ports/check.ts';
import { readExit } from './parse.ts';

export function createFormat(): CheckFormat {
  return { id: 'exit-code', interpret: readExit };
}
