import { describe, expect, it } from 'vitest';
import { EVENTS, RUN_ID } from '../../test/fixtures/runs.ts';
import { foldRun } from './evolve.ts';
import { ownersOfRequest, requestMarks } from './request-marks.ts';

const state = foldRun(EVENTS.accepted);
const owned = { ...state, owners: { names: ['@acme/a', 'kim'], by: 'policy' } as const };

describe('the marks of a request', () => {
  it('say which run it is of, and whose', () => {
    const body = `What was measured.${requestMarks(owned)}`;
    expect(body).toContain(`\nLoopwright-Run: ${RUN_ID}\n`);
    expect(ownersOfRequest({ body, reviewers: ['@bob'] })).toEqual(['@acme/a', 'kim']);
  });

  it('are read at the end alone: nothing above them speaks for an owner', () => {
    const body = `Loopwright-Owner: mallory\n\nWords.${requestMarks(owned)}`;
    expect(ownersOfRequest({ body, reviewers: [] })).toEqual(['@acme/a', 'kim']);
  });

  it('are not there on what a person made: then those count who are asked to look at it', () => {
    expect(ownersOfRequest({ body: 'Please look.', reviewers: ['@bob'] })).toEqual(['@bob']);
  });
});
