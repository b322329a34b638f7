import { describe, expect, it } from 'vitest';
import type { Conclusion } from '../../core/check.ts';
import type { ProcessEnd } from '../../ports/sandbox.ts';
import { createFormat } from './index.ts';

describe('the exit code of a command as a check', () => {
  const table: readonly [what: string, end: ProcessEnd, conclusion: Conclusion, counted: number, summary: RegExp][] = [
    ['0 is a success, counted once', { kind: 'exited', code: 0 }, 'success', 1, /^exit code 0 \(counted as one/],
    ['1 is a failure', { kind: 'exited', code: 1 }, 'failure', 1, /exit code 1 \(counted as one command, no tests\)/],
    ['a code beyond the conventions is a failure', { kind: 'exited', code: 255 }, 'failure', 1, /exit code 255/],
    ['a signal is a failure and is named', { kind: 'signalled', signal: 'SIGSEGV' }, 'failure', 1, /ended by SIGSEGV/],
    ['126 did not run', { kind: 'exited', code: 126 }, 'unrunnable', 0, /cannot be executed \(exit code 126\)/],
    ['127 did not run', { kind: 'exited', code: 127 }, 'unrunnable', 0, /was not found \(exit code 127\)/],
    ['no program', { kind: 'not-found', detail: 'ENOENT' }, 'unrunnable', 0, /could not be started: ENOENT/],
    ['time', { kind: 'wall-time' }, 'timed_out', 0, /did not end within 5 minutes/],
    ['silence', { kind: 'idle' }, 'timed_out', 0, /went silent/],
    ['too much output', { kind: 'output-limit' }, 'inconclusive', 0, /more output than is allowed/],
    ['cancelled', { kind: 'cancelled' }, 'inconclusive', 0, /was cancelled/],
  ];

  it.each(table)('%s', (...[, end, conclusion, counted, summary]) => {
    const interpretation = createFormat().interpret({
      spec: { id: 'build', run: 'make', report: 'exit-code', reportFile: null, timeoutMs: 300_000 },
      end,
      stdout: new TextEncoder().encode('not ok 1 - nobody reads this\n'),
      stderr: new Uint8Array(),
      stdoutTruncated: true,
      artefacts: [],
    });
    expect(interpretation).toMatchObject({ conclusion, counted, skipped: 0, tests: [] });
    expect(interpretation.failed).toBe(conclusion === 'failure' ? 1 : 0);
    expect(interpretation.summary).toMatch(summary);
  });
});
