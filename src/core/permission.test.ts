import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HAPPY, change, openLog, play, result, started } from '../../test/fixtures/world.ts';
import type { Log, World } from '../../test/fixtures/world.ts';
import { decide } from './decide.ts';
import type { RunEvent } from './event.ts';
import { waitingQuestions } from './fold-permission.ts';
import { canonicalInput } from './permission.ts';
import type { PermissionAnswer } from './permission.ts';
import { composePrompt } from './prompt.ts';
import { fullIterations, statusOf, waitsForAnswers, waitsForQuota } from './state.ts';

const question = (digest: string, iteration = 1): RunEvent => ({
  type: 'permission.asked',
  iteration,
  digest,
  tool: 'Bash',
  use: { kind: 'command', line: `do ${digest}` },
  input: '5'.repeat(64),
});

const answer = (digest: string, decision: PermissionAnswer['decision'], iteration = 1): RunEvent => ({
  type: 'permission.answered',
  iteration,
  digest,
  decision,
  rule: null,
  reason: 'so it is',
});

const decided = (digest: string, reason = 'it is reviewed'): RunEvent => ({
  type: 'permission.decided',
  digest,
  decision: 'allowed',
  by: 'grace',
  reason,
});

/** Red checks, so that the run goes on; the first turn asks, and is held with a claim to be blocked. */
const HELD_TURN: World = {
  ...HAPPY,
  check: () => result('failure'),
  change: (state, iteration) => change(iteration, { tree: state.base.tree }),
  turn: (_, iteration) =>
    iteration === 1
      ? { end: { kind: 'held', questions: ['q1'] }, claims: [{ kind: 'blocked', text: 'a person has to decide' }] }
      : { end: { kind: 'ended', exitCode: 0 } },
};

/** A log whose first turn asked these, in this order. */
function heldRun(...asked: readonly RunEvent[]): Log {
  const log = openLog(started());
  const append = log.append.bind(log);
  const asking: Log = Object.assign(log, {
    append: (...events: readonly RunEvent[]) => {
      for (const event of events) {
        append(event);
        if (event.type === 'turn.requested' && event.iteration === 1) append(...asked);
      }
    },
  });
  play(asking, HELD_TURN);
  return asking;
}

describe('a turn that a person ended by not being there', () => {
  const log = heldRun(question('q1'), answer('q1', 'hold'));
  const { state } = log;

  it('makes the run wait, whatever the agent says of it', () => {
    expect([statusOf(state), waitsForAnswers(state), decide(state)]).toEqual(['waiting', true, [{ type: 'wait' }]]);
    expect(state.stop).toBe(null);
    expect(waitsForQuota({ ...state, quota: { provider: 'acme', until: null, exhausted: false } })).toBe(false);
  });

  it('costs the agent no iteration, and no detector counts it', () => {
    expect(state.iterations).toHaveLength(1);
    expect(fullIterations(state)).toEqual([]);
  });

  it('goes on once the person has decided, and the prompt says what', () => {
    const after = heldRun(question('q1'), answer('q1', 'hold'));
    after.append(decided('q1'));
    expect(waitingQuestions(after.state)).toEqual([]);
    expect(decide(after.state)).toMatchObject([{ type: 'takeTurn', iteration: 2 }]);
    const prompt = composePrompt(after.state);
    expect(prompt).toContain('## What a person decided about your questions\n  - allowed: run do q1: it is reviewed\n');
  });

  it('waits for every answer that is missing', () => {
    const two = heldRun(question('q1'), answer('q1', 'hold'), question('q2'), answer('q2', 'hold'));
    two.append(decided('q1'));
    expect(waitingQuestions(two.state).map(({ digest }) => digest)).toEqual(['q2']);
    expect(decide(two.state)).toEqual([{ type: 'wait' }]);
  });

  it('leaves a stop that a person asked for its meaning', () => {
    const stopped = heldRun(question('q1'), answer('q1', 'hold'));
    stopped.append({ type: 'stop.requested', by: 'ada' });
    expect(decide(stopped.state)).toMatchObject([{ events: [{ type: 'run.stopped', reason: 'interrupted' }] }]);
  });

  it('does not keep a change from being accepted that holds already', () => {
    const world: World = {
      ...HELD_TURN,
      check: (state, command) => HAPPY.check(state, command),
      change: (_, at) => change(at),
    };
    expect(play(openLog(started()), world).stop?.reason).toBe('accepted');
  });
});

describe('a log of questions', () => {
  const code = (act: () => unknown): unknown => {
    try {
      act();
    } catch (error) {
      return (error as { details?: { reason?: unknown } }).details?.reason;
    }
    return 'folded';
  };

  it('has an answer for what was asked, and questions only during a turn', () => {
    expect(code(() => heldRun(answer('q1', 'allow')))).toBe('finish-without-request');
    expect(code(() => heldRun(question('q1'), answer('q2', 'allow')))).toBe('finish-without-request');
    expect(code(() => heldRun(question('q1', 2)))).toBe('wrong-phase');
    const after = heldRun(question('q1'), answer('q1', 'hold'));
    expect(code(() => after.append(question('q3')))).toBe('wrong-phase');
  });

  it('has a decision of a person only for what waits, and once', () => {
    expect(code(() => heldRun(question('q1'), answer('q1', 'hold'), decided('q1')))).toBe('answer-without-question');
    const after = heldRun(question('q1'), answer('q1', 'hold'));
    expect(code(() => after.append(decided('q2')))).toBe('answer-without-question');
    const twice = heldRun(question('q1'), answer('q1', 'hold'));
    twice.append(decided('q1'));
    expect(code(() => twice.append(decided('q1')))).toBe('answer-without-question');
  });

  it('keeps counts of everything and the newest refusals', () => {
    const many = Array.from({ length: 50 }, (_, index) => [question(`d${index}`), answer(`d${index}`, 'deny')]).flat();
    const { permissions } = heldRun(...many).state;
    expect([permissions.asked, permissions.answered.deny]).toEqual([50, 50]);
    expect(permissions.refused).toHaveLength(20);
    expect(permissions.refused.at(-1)?.use).toEqual({ kind: 'command', line: 'do d49' });
  });

  it('whose question has no answer is that of a process that died: nobody waits', () => {
    const { state } = heldRun(question('q1'));
    expect(waitsForAnswers(state)).toBe(false);
    expect(state.stop).toMatchObject({ reason: 'no-progress' });
  });
});

describe('the input of a tool', () => {
  it('is one text for one value, whatever the order of its keys', () => {
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([key, inner]) => [key, shuffled(inner)]),
      );
    };
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value: unknown = JSON.parse(text);
        expect(canonicalInput(shuffled(value))).toBe(canonicalInput(value));
        expect(JSON.parse(canonicalInput(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(canonicalInput({ b: 1, a: [undefined, { d: undefined }] })).toBe('{"a":[null,{}],"b":1}');
  });
});
