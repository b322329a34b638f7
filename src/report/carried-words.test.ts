import { describe, expect, it } from 'vitest';
import { HAPPY, openLog, play, policy, result, started } from '../../test/fixtures/world.ts';
import { gist } from './gist.ts';
import { renderMarkdown } from './markdown.ts';
import { buildReport } from './report.ts';
import { summarise } from './summary.ts';

const rules = policy({
  detectors: { repeatedFailureIterations: 'off', noProgressIterations: 'off', protectedEdit: 'off' },
});

/** Two tests are red, one of them is fixed and comes back. */
const failing = [['a', 'b'], ['a'], ['a', 'b']];
const log = openLog(started({ policy: { ...rules, limits: { ...rules.limits, iterations: 3 } } }));
const state = play(log, {
  ...HAPPY,
  check: (_, { iteration }) => result('failure', { failing: failing[iteration] ?? ['b'], failures: [] }),
});

describe('what the agent was told, and why', () => {
  it('is in the log, by number', () => {
    const turns = log.events.filter(({ type }) => type === 'turn.requested').map(gist);
    expect(turns.at(-1)).toMatch(/carries \d notes, drops 1$/);
  });

  it('is in the summary, with the source of every note', () => {
    const { carried } = summarise(state);
    expect(carried).toMatchObject({ iteration: 3 });
    expect(carried?.notes.find(({ subject }) => subject === 'b')).toMatchObject({ kind: 'came-back', source: 'test' });
  });

  it('is in the report, what is told no more with its reason', () => {
    const report = renderMarkdown(buildReport(state, { blob: () => '', events: 1, chainBrokenAt: null }));
    expect(report).toContain('What the agent was told of earlier iterations in iteration 3, and why');
    expect(report).toContain('it fails again since iteration 2');
  });
});
