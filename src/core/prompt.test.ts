import { describe, expect, it } from 'vitest';
import { HAPPY, openLog, play, policy, result, started } from '../../test/fixtures/world.ts';
import { composePrompt } from './prompt.ts';

const RED = { ...HAPPY, check: () => result('failure') };

function promptAfter(iterations: number, patch: Parameters<typeof result>[1] = {}): string {
  const rules = policy({
    detectors: { repeatedFailureIterations: 'off', noProgressIterations: 'off', protectedEdit: 'off' },
  });
  const limited = { ...rules, limits: { ...rules.limits, iterations } };
  const log = openLog(started({ policy: limited }));
  return composePrompt(play(log, { ...RED, check: () => result('failure', patch) }));
}

describe('the next prompt', () => {
  it('says the task, the acceptance, the boundaries and the failures of the last iteration', () => {
    expect(promptAfter(1)).toMatchInlineSnapshot(`
      "## Task
      make the sum right

      ## Accepted when
      All of these pass, run by the supervisor on a fresh checkout of your change:
        - test: \`npm test\`
        - No test that passed before fails, disappears or is skipped.
        - Protected files (tests, snapshots, tool configuration) are judged as they were on the base.

      ## Boundaries
        - Paths you may change: **.
        - Change at most 50 files.
        - Add and remove at most 1500 lines together.
        - No network. Nothing outside the workspace persists. Do not commit; the tree is taken as it is.

      ## After your last turn (iteration 1)
      Your change so far is in the workspace. It is not accepted yet:
      Results:
        - test: failure. 1 of 3 tests failed
          failing: sum adds
            expected 4 but got 5
      "
    `);
  });

  it('tells of earlier iterations what is carried, and does not grow with the history', () => {
    expect(promptAfter(5)).toContain('sum adds fails since the base (test, iteration 5)');
    expect(promptAfter(40).length).toBe(promptAfter(20).length);
  });

  it('is bounded, however much failed', () => {
    const failures = Array.from({ length: 500 }, (_, index) => ({ test: `t${index}`, message: 'x'.repeat(5_000) }));
    const ids = failures.map(({ test }) => test);
    expect(promptAfter(1, { failures, newlyFailing: ids, missing: ids }).length).toBeLessThan(20_000);
  });

  it('says of a held-back check that it is red, and nothing else', () => {
    const [seen] = policy().checks;
    const unseen = {
      id: 'proof',
      run: 'sh secret.sh',
      report: 'tap',
      reportFile: null,
      timeoutMs: 1,
      hidden: ['x'],
    } as const;
    const rules = policy({ checks: [...(seen === undefined ? [] : [seen]), unseen] });
    const log = openLog(started({ policy: { ...rules, limits: { ...rules.limits, iterations: 1 } } }));
    const secret = {
      summary: 'secret summary',
      failing: ['secret'],
      failures: [{ test: 'secret', message: 'secret' }],
    };
    const state = play(log, {
      ...HAPPY,
      check: (_state, { checkId }) =>
        checkId === 'proof'
          ? result('failure', { ...secret, newlyFailing: ['secret'], heldBack: true })
          : result('success'),
    });
    const prompt = composePrompt(state);
    expect(prompt).toContain('a held-back check is red');
    expect(prompt).not.toMatch(/secret|proof/);
    expect(composePrompt({ ...state, iterations: [] })).not.toMatch(/secret|proof/);
  });
});
