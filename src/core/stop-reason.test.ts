import { expect, it } from 'vitest';
import { ERROR_CODES } from './errors.ts';
import type { ErrorCode } from './errors.ts';
import { exitCodeOfError } from './stop-reason.ts';

it('an error ends a process with 2 where nothing was started, 130 where a person ended it, else 20', () => {
  const codes: readonly ErrorCode[] = ['LW_USAGE', 'LW_RUN_STATE', 'LW_INTERRUPTED', 'LW_GIT_FAILED', 'LW_INTERNAL'];
  expect(codes.map(exitCodeOfError)).toEqual([2, 2, 130, 20, 20]);
  const all = new Set(Object.keys(ERROR_CODES).map((code) => exitCodeOfError(code as ErrorCode)));
  expect([...all].toSorted((one, other) => one - other)).toEqual([2, 20, 130]);
});
