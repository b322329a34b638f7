import { describe, expect, it } from 'vitest';
import { MAX_LISTED } from '../core/check.ts';
import type { Interpretation, TestOutcome } from '../core/check.ts';
import type { CheckEvidence } from '../ports/check.ts';
import { failureNotes } from './failure-notes.ts';

function evidence(stdout = '', stderr = ''): CheckEvidence {
  const encoder = new TextEncoder();
  return {
    spec: { id: 'lint', run: 'npm run lint', report: 'exit-code', reportFile: null, timeoutMs: 1_000 },
    end: { kind: 'exited', code: 1 },
    stdout: encoder.encode(stdout),
    stderr: encoder.encode(stderr),
    stdoutTruncated: false,
    artefacts: [],
  };
}

function interpretation(over: Partial<Interpretation>): Interpretation {
  return {
    conclusion: 'failure',
    counted: 1,
    failed: 1,
    skipped: 0,
    tests: [],
    summary: 'The command exited with 1.',
    ...over,
  };
}

const failed = (id: string, message?: string): TestOutcome =>
  message === undefined ? { id, status: 'failed' } : { id, status: 'failed', message };

describe('failure notes', () => {
  it('name the failing tests, sorted, with their messages', () => {
    const tests: readonly TestOutcome[] = [failed('b', 'no'), { id: 'c', status: 'passed' }, failed('a')];
    expect(failureNotes(interpretation({ tests }), evidence())).toEqual({
      notes: [
        { test: 'a', message: 'The report gives no message.' },
        { test: 'b', message: 'no' },
      ],
      failing: ['a', 'b'],
    });
  });

  it('are empty for a success', () => {
    expect(failureNotes(interpretation({ conclusion: 'success' }), evidence('lots'))).toEqual({
      notes: [],
      failing: [],
    });
  });

  it('name the check and show the end of its output where no test has a name', () => {
    const stdout = `${'noise\n'.repeat(100)}a.ts:3 error\n`;
    const { notes, failing } = failureNotes(interpretation({}), evidence(stdout, 'npm error code 1\n'));
    expect(failing).toEqual(['lint']);
    expect(notes).toHaveLength(1);
    expect(notes[0]?.message).toMatch(/^The command exited with 1\.\n(?:noise\n)+a\.ts:3 error\nnpm error code 1$/);
  });

  it('give a check that could not run an id too, so that it has a fingerprint', () => {
    for (const conclusion of ['timed_out', 'inconclusive', 'unrunnable'] as const) {
      const none = interpretation({ conclusion, counted: 0, failed: 0, summary: 'It did not run.' });
      expect(failureNotes(none, evidence())).toEqual({
        notes: [{ test: 'lint', message: 'It did not run.' }],
        failing: ['lint'],
      });
    }
  });

  it('are bounded in number, in each message and in all', () => {
    const tests = Array.from({ length: 1_000 }, (_, at) =>
      failed(`test ${String(at).padStart(4, '0')}`, 'line\n'.repeat(400)),
    );
    const { notes, failing } = failureNotes(interpretation({ tests, failed: 1_000 }), evidence());
    expect(failing).toHaveLength(MAX_LISTED);
    expect(notes).toHaveLength(MAX_LISTED);
    expect(notes.reduce((sum, note) => sum + note.message.length, 0)).toBeLessThan(120_000);
    const tail = failureNotes(interpretation({}), evidence('x'.repeat(1_000_000), 'y'.repeat(1_000_000)));
    expect(tail.notes[0]?.message.length).toBeLessThanOrEqual(2_100);
  });

  it('keep to valid text when the output is cut inside a character', () => {
    const { notes } = failureNotes(interpretation({}), evidence('😀'.repeat(10_000)));
    expect(notes[0]?.message.isWellFormed()).toBe(true);
  });
});
