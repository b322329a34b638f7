/** An agent that asks before it acts: answered by the policy, or by a person, hours later and from another process. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RecordedEvent } from '../../src/core/event.ts';
import { RIGHT_FIX, SUM, repositoryWith, scriptFile } from '../scenario/harness.ts';
import type { Answer, Place } from '../scenario/harness.ts';
import { endAll } from '../scenario/undone.ts';

// Several whole runs in each.
vi.setConfig({ testTimeout: 240_000 });

const open: Place[] = [];
afterEach(() => endAll(open));

const COMMANDS = `commands:
  deny: [{ rule: Bash(cat secrets.txt), reason: They are nobody's business. }]
  ask: [Bash(cp right.js sum.js)]
  allow: [Bash(echo *)]
`;

function stage(commands: string = COMMANDS): Place {
  const policy = `${SUM['loopwright.yaml'] ?? ''}${commands}`;
  const place = repositoryWith({ ...SUM, 'right.js': RIGHT_FIX, 'loopwright.yaml': policy });
  open.push(place);
  return place;
}

function eventsIn({ out }: Answer): readonly RecordedEvent[] {
  return out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RecordedEvent);
}

function run(place: Place, script: string, ...more: readonly string[]): Promise<Answer> {
  const path = scriptFile(place, script);
  return place.cli('run', 'make it add', '--agent', 'scripted', '--script', path, '--json', ...more);
}

const ASKS = `turns:
  - - ask: cat secrets.txt
    - ask: echo hello
    - ask: cp right.js sum.js
    - write: { path: never.txt, text: x }
    - claim: { blocked: a person has to decide }
`;

describe('a question of the agent', () => {
  it('is answered by the policy, or parks the run until a person has answered it, and the run goes on to be accepted', async () => {
    const place = stage();
    const parked = await run(place, ASKS);
    expect(parked.code).toBe(11);
    const types = eventsIn(parked).map(({ type }) => type);
    expect(types.filter((type) => type.startsWith('permission.'))).toEqual(
      Array.from({ length: 3 }, () => ['permission.asked', 'permission.answered']).flat(),
    );
    expect(types.at(-1)).toBe('leg.ended');
    const waiting = await place.show();
    expect(waiting).toMatchObject({
      status: 'waiting',
      permissions: {
        asked: 3,
        allowed: 1,
        denied: 1,
        held: 1,
        refused: [{ use: { line: 'cat secrets.txt' }, reason: "They are nobody's business." }],
        questions: [{ rule: 'Bash(cp right.js sum.js)', decision: null }],
      },
    });
    expect(place.processes()).toEqual([]);
    expect((await place.cli('diff', 'last')).out).not.toContain('never.txt');

    // What resumes it before there is an answer finds that it still waits.
    expect((await place.cli('resume', 'last')).code).toBe(11);
    expect((await place.cli()).out).toMatch(/^waits +for a person: `loopwright answer /mu);
    const looked = await place.cli('answer', 'last');
    expect(looked.out).toContain('it would run cp right.js sum.js');
    expect(looked.out).toContain('{"line":"cp right.js sum.js"}');

    const answered = await place.cli('answer', 'last', 'allow', 'it is reviewed', '--by', 'grace');
    expect([answered.code, answered.err]).toEqual([0, expect.stringContaining('loopwright resume')]);
    const resumed = await place.cli('resume', 'last', '--json');
    expect(resumed.code).toBe(0);
    const prompt = (await place.cli('log', 'last', '--full')).out;
    expect(prompt).toContain('## What a person decided about your questions');
    expect(prompt).toContain('allowed: run cp right.js sum.js: it is reviewed');
    const told = eventsIn(resumed).filter((event) => event.type === 'permission.answered');
    expect(told.at(-1)).toMatchObject({ decision: 'allow', reason: 'grace allowed it: it is reviewed' });
    expect((await place.cli('report', 'last')).out).toContain('by grace: it is reviewed');
    // The turn that was held costs no iteration of the limit, and its claim to be blocked ended nothing.
    expect(await place.show()).toMatchObject({ outcome: 'accepted', iterations: 2 });
  });

  it('that a person denies stays denied for the rest of the run', async () => {
    const place = stage();
    await run(place, ASKS, '--max-iterations', '1');
    await place.cli('answer', 'last', 'deny', 'find another way');
    const resumed = await place.cli('resume', 'last', '--json');
    expect(resumed.code).not.toBe(11);
    const told = eventsIn(resumed).filter((event) => event.type === 'permission.answered');
    expect(told.at(-1)).toMatchObject({ decision: 'deny', reason: 'tester denied it: find another way' });
    expect((await place.show()).permissions.held).toBe(1);
  });

  it('is put to the policy again by another script: only the same question to the letter has the same answer', async () => {
    const place = stage();
    await run(place, 'turns:\n  - - ask: cp right.js sum.js\n  - - ask: cp  right.js sum.js\n');
    await place.cli('answer', 'last', 'allow');
    expect((await place.cli('resume', 'last')).code).toBe(11);
    const { questions } = (await place.show()).permissions;
    expect(questions.map(({ decision }) => decision === null)).toEqual([false, true]);
  });

  it('does not keep a change from being accepted that holds already', async () => {
    const place = stage();
    const script = `turns:\n  - - write: { path: sum.js, text: ${JSON.stringify(RIGHT_FIX)} }\n    - ask: cp right.js sum.js\n`;
    const { code } = await run(place, script);
    expect(code).toBe(0);
    const late = await place.cli('answer', 'last', 'allow');
    expect([late.code, late.err]).toEqual([2, expect.stringContaining('LW_RUN_STATE')]);
  });

  it('that nothing decides goes by `unmatched`', async () => {
    for (const [unmatched, code] of [
      ['allow', 0],
      ['hold', 11],
    ] as const) {
      const place = stage(`commands: { deny: [Read(secrets.txt)], unmatched: ${unmatched} }\n`);
      const ran = await run(place, 'turns:\n  - - ask: cp right.js sum.js\n', '--max-iterations', '1');
      expect([unmatched, ran.code]).toEqual([unmatched, code]);
    }
  });
});

describe('an answer of a person', () => {
  it('has to be about a question that waits, one of them, and once', async () => {
    const place = stage();
    const none = await place.cli('answer', 'last', 'allow');
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('LW_RUN_UNKNOWN')]);
    await run(place, ASKS);
    const [{ digest } = { digest: '' }] = (await place.show()).permissions.questions;
    const refused = async (code: string, ...argv: readonly string[]): Promise<void> => {
      const answer = await place.cli('answer', 'last', ...argv);
      expect([argv, answer.code, answer.err]).toEqual([argv, 2, expect.stringContaining(code)]);
    };
    await refused('LW_USAGE', 'perhaps');
    await refused('LW_QUESTION_UNKNOWN', 'allow', '--question', '');
    await refused('LW_QUESTION_UNKNOWN', 'allow', '--question', digest.slice(0, 4));
    await refused('LW_QUESTION_UNKNOWN', 'allow', '--question', '0123456789abcdef');
    const done = await place.cli('answer', 'last', 'allow', '--question', digest.slice(0, 12), '--json');
    expect(JSON.parse(done.out)).toMatchObject({ permissions: { questions: [{ decision: { by: 'tester' } }] } });
    await refused('LW_RUN_STATE', 'deny', '--question', digest.slice(0, 12));
    await refused('LW_RUN_STATE', 'deny');
  });

  it('cannot open a run again that was stopped meanwhile', async () => {
    const place = stage();
    await run(place, ASKS);
    expect((await place.cli('stop', 'last')).code).toBe(0);
    expect(await place.show()).toMatchObject({ status: 'stopped', stopReason: 'interrupted' });
    const late = await place.cli('answer', 'last', 'allow');
    expect([late.code, late.err]).toEqual([2, expect.stringContaining('LW_RUN_STATE')]);
  });

  it('is asked for by digest where several questions wait, and all of them have to be answered', async () => {
    const place = stage(`commands: { ask: ['Bash(echo *)'] }\n`);
    await run(place, 'turns:\n  - - ask: echo one\n  - - ask: echo two\n');
    await place.cli('answer', 'last', 'allow');
    await place.cli('resume', 'last');
    // One is decided, so the one that waits needs no name.
    expect((await place.cli('answer', 'last', 'deny')).code).toBe(0);
  });
});

describe('an agent that does not ask', () => {
  const QUIET = 'turns:\n  - - run: cp right.js sum.js\n';

  it('under rules on commands is run, and what nobody is asked about is said', async () => {
    const place = stage();
    const ran = await run(place, QUIET);
    expect(ran.code).toBe(0);
    const [gap = ''] = (await place.show()).unenforced;
    expect(gap).toContain('scripted does not ask before it acts');
    expect((await place.cli('report', 'last')).out).toContain('scripted does not ask before it acts');
    expect((await place.cli('show', 'last')).out).toContain('does not ask');
  });

  it('is not run where the policy says so', async () => {
    const place = stage(`commands: { ask: ['Bash(cp *)'], unasked: refuse }\n`);
    const { code, err } = await run(place, QUIET);
    expect([code, err]).toEqual([2, expect.stringContaining('LW_AGENT_UNASKED')]);
    expect(JSON.parse((await place.cli('list', '--json')).out)).toMatchObject({ runs: [] });
  });
});
