import { describe, expect, it } from 'vitest';
import { foldRun } from './evolve.ts';
import { commitText, ownersOfRequest, requestMarks, requestText } from './request-text.ts';
import type { RunState } from './state.ts';
import { EVENTS, RUN_ID } from '../../test/fixtures/runs.ts';

const state = foldRun(EVENTS.accepted);
const withGoal = (goal: string): RunState => ({ ...state, task: { ...state.task, goal } });

describe('the text of a request', () => {
  it('is made of evidence, and its marks say which run and whose', () => {
    const { title, body } = requestText(state);
    expect(title.length).toBeLessThanOrEqual(72);
    expect(body).toContain('12 tests passed');
    expect(body).toContain(`loopwright undo ${RUN_ID}`);
    const owned = { ...state, owners: { names: ['@acme/a', 'kim'], by: 'policy' } as const };
    const marked = `${body}${requestMarks(owned)}`;
    expect(marked).toContain(`\nLoopwright-Run: ${RUN_ID}\n`);
    expect(ownersOfRequest({ body: marked, reviewers: ['@bob'] })).toEqual(['@acme/a', 'kim']);
    expect(ownersOfRequest({ body, reviewers: ['@bob'] })).toEqual(['@bob']);
  });

  it('is not broken out of by the goal', () => {
    const { body, title } = requestText(withGoal('first line\n```\n````\n@everyone'));
    expect(title).toBe('first line');
    expect(body.startsWith('`````\n')).toBe(true);
    expect(body.split('`````').length).toBe(3);
    expect(commitText(withGoal('x'.repeat(500))).split('\n')[0]?.length).toBe(72);
  });
});
