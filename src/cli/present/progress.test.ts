import { describe, expect, test } from 'vitest';
import { EVENT_MEANINGS } from '../../core/event.ts';
import type { RecordedEvent } from '../../core/event.ts';
import { foldRun } from '../../core/evolve.ts';
import { HOSTILE, UNSAFE_FOR_TERMINAL } from '../../../test/fixtures/hostile.ts';
import { poisonedEvents } from '../../../test/fixtures/poisoned-events.ts';
import { EVENTS, RUN_ID } from '../../../test/fixtures/runs.ts';
import type { RunName } from '../../../test/fixtures/runs.ts';
import { width } from './columns.ts';
import { createPalette, plainPalette } from './palette.ts';
import { createProgress } from './progress.ts';

function told(events: readonly RecordedEvent[], verbose = false): string {
  const progress = createProgress({ palette: plainPalette, columns: 100, verbose });
  return events.flatMap((event) => progress.onEvent(event)).join('\n');
}

/** The lines from the one that starts with these words. */
function from(text: string, words: string): string {
  const lines = text.split('\n');
  return lines.slice(lines.findIndex((line) => line.startsWith(words))).join('\n');
}

describe('the progress of a run', () => {
  test('tells an accepted run from its task to its undo', () => {
    expect(told(EVENTS.accepted)).toMatchInlineSnapshot(`
      "run 01k7fixture0000000000000ab
        task      Accept trailing commas in arrays and objects
        class     fix: Make a red check green.
        agent     command
        base      main aaaaaaaaaaaa of /home/ada/jsonish
        checks    unit (junit), lint (exit code only)
        sandbox   bubblewrap 0.8.0, confines: network, home, processes
                  1 gap: \`loopwright show 01k7fixture0000000000000ab\` names them
        limits    4 iterations, 30m wall time, 5m silence, 10 files, 400 lines, 10 MiB output, $5.00;
                  unlimited: tokens
        policy    ffffffffffff, owner parser-team
        workspace a throw-away copy (overlay), with node_modules; your checkout is not touched

      baseline, on the untouched base
        unit      red: 2 of 12 tests failed; 2.4s
                  x parser > trailing comma
                    SyntaxError: unexpected token ]
                    at parse (src/parser.js:41:9)
                  x parser > nested trailing comma
                    SyntaxError: unexpected token }
        lint      green: the command ended with exit code 0; 800ms
        verdict   continue: unit is red on the base: 2 of 12 tests failed

      iteration 1 of 4, the agent takes its turn
        turn      ended by itself, exit code 0, after 41s, 12 KiB of output
        claim     the agent says: done, "All tests pass now."
        change    2 files, +14 -7: src/parser.js, test/parser.test.js
                  1 protected; 1 out of scope
        unit      red: 2 of 12 tests failed; against the base 1 fixed and 1 newly failing; 2.4s
                  x printer > round trip
                    AssertionError: expected [1] to equal [1,]
                  x parser > nested trailing comma
                    SyntaxError: unexpected token }
        lint      green: the command ended with exit code 0; 800ms
        finding   note: protected-edit: test/parser.test.js is protected and was modified; checks use the
                  base's copy
        verdict   continue: unit: 2 of 12 tests failed
                  unit: newly failing: printer > round trip

      iteration 2 of 4, the agent takes its turn
        turn      ended by itself, exit code 0, after 41s, 12 KiB of output
        claim     the agent says: done, "Fixed the printer as well."
        change    2 files, +24 -6: src/parser.js, src/printer.js
        unit      green: 12 tests passed, 1 skipped; against the base 2 fixed; 2.4s
        lint      green: the command ended with exit code 0; 800ms
        verdict   accept: unit: 12 tests passed, 1 skipped
                  lint: the command ended with exit code 0
        undo      rehearsed, it works: landed, reverted; the tree equals the base

      accepted
        meaning   The acceptance holds on a fresh checkout of the change.
        used      2 iterations, 5m 30s, 24 KiB of agent output
        undo      nothing of your repository has changed yet; \`loopwright undo 01k7fixture0000000000000ab\`
        next      Read it with \`loopwright diff 01k7fixture0000000000000ab\`, take it with
                  \`loopwright land 01k7fixture0000000000000ab\`."
    `);
  });

  test('says that a run waits only when its process lets go', () => {
    const before = EVENTS.waiting.slice(0, -1);
    expect(before.at(-1)?.type).toBe('approval.requested');
    expect(told(before)).not.toContain('waiting for a person');
    expect(told(EVENTS.waiting)).toContain('waiting for a person');
  });

  test('ends a leg that waits with the commands a person can type', () => {
    expect(from(told(EVENTS.waiting), 'waiting for a person')).toMatchInlineSnapshot(`
      "waiting for a person
        why       risk zone auth: src/auth/session.js
        change    iteration 2, diff 222222222222
        look      loopwright diff 01k7fixture0000000000000ab
        yes       loopwright approve 01k7fixture0000000000000ab
        no        loopwright reject 01k7fixture0000000000000ab "what has to be different"
                  No process is held while the run waits."
    `);
  });

  test('says who approved, and then that the run is accepted', () => {
    expect(from(told(EVENTS.approved), '  decision')).toMatchInlineSnapshot(`
      "  decision  approved by grace: read it
                  not signed: the name is what somebody said

      accepted
        meaning   The acceptance holds on a fresh checkout of the change.
        detail    approved by grace
        used      2 iterations, 6m, 24 KiB of agent output
        undo      nothing of your repository has changed yet; \`loopwright undo 01k7fixture0000000000000ab\`
        next      Read it with \`loopwright diff 01k7fixture0000000000000ab\`, take it with
                  \`loopwright land 01k7fixture0000000000000ab\`."
    `);
  });

  test('says loudly that nothing confines the agent, and which limit ended the run', () => {
    const text = told(EVENTS.timedOut);
    expect(text).toContain('  sandbox   none: NOT CONFINED. The agent can reach every file, secret and network');
    expect(from(text, 'iteration 1 of 4')).toMatchInlineSnapshot(`
      "iteration 1 of 4, the agent takes its turn
        turn      ended by a limit: wall time 30m of 30m, after 28m 20s, 96 B of output
        change    nothing was changed
        limit     wall time 30m of 30m
        verdict   stop: limit wallTimeMs: 1800250 of 1800000
                  nothing was changed

      not accepted: limit-wall-time
        meaning   The limit on wall time was reached without acceptance.
        used      1 iteration, 30m 50s, 96 B of agent output
        undo      nothing of your repository has changed; \`loopwright undo 01k7fixture0000000000000ab\`
                  drops what is kept
        next      Raise \`--max-time\`, or give a smaller task."
    `);
  });

  test('tells a rejection, the turn after it and the stop of a person', () => {
    expect(from(told(EVENTS.interrupted), '  decision')).toMatchInlineSnapshot(`
      "  decision  rejected by grace: leave the session alone; the run goes on with this reason
                  not signed: the name is what somebody said

      iteration 3 of 4, the agent takes its turn
        stop      requested by ada
        turn      ended by a person, after 9.5s, 2 KiB of output
        change    2 files, +24 -6: src/parser.js, src/printer.js

      not accepted: interrupted
        meaning   A person stopped the run.
        detail    stopped by ada
        used      3 iterations, 7m 10s, 26 KiB of agent output
        undo      nothing of your repository has changed; \`loopwright undo 01k7fixture0000000000000ab\`
                  drops what is kept
        next      The last checkpoint is kept: \`loopwright diff 01k7fixture0000000000000ab\`."
    `);
  });

  test('says that a broken environment judged nothing', () => {
    expect(from(told(EVENTS.broken), 'baseline')).toMatchInlineSnapshot(`
      "baseline, on the untouched base
        lint      cannot run: npm: not found; 800ms
        verdict   stop: lint: npm: not found

      not accepted: environment-broken
        meaning   A check cannot run on the untouched base, so it could not judge anything.
        used      0 iterations, 1m 10s, 0 B of agent output
        undo      nothing of your repository has changed, and no change is kept
        next      Run \`loopwright doctor\`; the output of the check is in the report."
    `);
  });

  test('says more when it is asked to', () => {
    const plain = new Set(told(EVENTS.landed).split('\n'));
    const more = told(EVENTS.landed, true)
      .split('\n')
      .filter((line) => !plain.has(line));
    expect(more.join('\n')).toMatchInlineSnapshot(`
      "  leg       process 4242 on laptop drives the run
        workspace a throw-away copy is being made
        check     unit begins on aaaaaaaaaaaa
        check     lint begins on aaaaaaaaaaaa
        change    the workspace is being collected
        kept      cccccccccccc as refs/loopwright/01k7fixture0000000000000ab/1
        check     unit begins on cccccccccccc
        check     lint begins on cccccccccccc
        change    the workspace is being collected
        kept      dddddddddddd as refs/loopwright/01k7fixture0000000000000ab/2
        check     unit begins on dddddddddddd
        check     lint begins on dddddddddddd
        undo      planned in 3 steps
        undo      is being rehearsed in a scratch copy
        land      dddddddddddd goes to loopwright/01k7fixture0000000000000ab"
    `);
  });

  test('tells the rest of a resumed run with what it knows of the first part', () => {
    const half = EVENTS.accepted.findIndex((event) => event.type === 'turn.requested' && event.iteration === 2);
    const state = foldRun(EVENTS.accepted.slice(0, half));
    const progress = createProgress({ palette: plainPalette, columns: 100, verbose: false, from: state });
    const leg: RecordedEvent = {
      type: 'leg.started',
      pid: 7,
      host: 'laptop',
      seq: half + 1,
      at: 0,
      activeMs: 0,
      runId: RUN_ID,
      epoch: 2,
      v: 1,
    };
    const lines = [leg, ...EVENTS.accepted.slice(half)].flatMap((event) => progress.onEvent(event));
    expect(lines.slice(0, 5).join('\n')).toMatchInlineSnapshot(`
      "
      run 01k7fixture0000000000000ab goes on

      iteration 2 of 4, the agent takes its turn
        turn      ended by itself, exit code 0, after 41s, 12 KiB of output"
    `);
    expect(lines.join('\n')).toContain('  used      2 iterations');
  });

  test('says what a passing change was tried for', () => {
    const tried = told(EVENTS.tried)
      .split('\n')
      .filter((line) => /^\s+tried /.test(line))
      .map((line) => line.trim().replace(/\s+/g, ' '));
    expect(tried).toEqual([
      'tried 3 new tests on the code of the base: 1 green',
      'tried 1 fault in the changed lines: not noticed',
    ]);
  });

  test('every type of event is told by one of the fixtures, so the words above were looked at', () => {
    const told = new Set(Object.values(EVENTS).flatMap((events) => events.map((event) => event.type)));
    const missing = Object.keys(EVENT_MEANINGS).filter((type) => !told.has(type as RecordedEvent['type']));
    expect(missing).toEqual([]);
  });

  test.each(Object.keys(EVENTS) as RunName[])('fits 100 columns: %s', (name) => {
    const tooWide = told(EVENTS[name], true)
      .split('\n')
      .filter((line) => width(line) > 100);
    expect(tooWide).toEqual([]);
  });

  test('colours words and nothing else: without them the text is the same', () => {
    const coloured = createProgress({ palette: createPalette(true), columns: 100, verbose: false });
    const text = EVENTS.accepted.flatMap((event) => coloured.onEvent(event)).join('\n');
    expect(text).not.toBe(told(EVENTS.accepted));
    expect(text.replace(/\u001B\[\d+m/g, '')).toBe(told(EVENTS.accepted));
  });

  test('prints nothing that moves or hides in a terminal, whatever the agent writes', () => {
    for (const payload of HOSTILE)
      for (const events of Object.values(EVENTS)) {
        expect(told(poisonedEvents(events, payload), true)).not.toMatch(UNSAFE_FOR_TERMINAL);
      }
  });

  test('keeps a huge failure message to a few lines', () => {
    const events = poisonedEvents(EVENTS.accepted, 'boom\n'.repeat(10_000));
    expect(told(events).split('\n').length).toBeLessThan(400);
  });
});

describe('the status line', () => {
  test('says what runs, for how long, and how much of the run is used', () => {
    const progress = createProgress({ palette: plainPalette, columns: 100, verbose: false });
    const seen: (string | null)[] = [];
    for (const event of EVENTS.underWay) {
      progress.onEvent(event);
      seen.push(progress.tick({ now: event.at + 72_000, outputBytes: 4_000 }));
    }
    expect([...new Set(seen)]).toMatchInlineSnapshot(`
      [
        null,
        "preparing the workspace: 1m 12s (run 1m 32s of 30m)",
        "check unit on the base: 1m 12s (run 1m 52s of 30m)",
        "check lint on the base: 1m 12s (run 2m 12s of 30m)",
        "iteration 1 of 4, the agent takes its turn: 1m 12s, 3.9 KiB of output (run 2m 42s of 30m)",
        "collecting the change: 1m 12s (run 3m 2s of 30m)",
        "check unit on the change of iteration 1: 1m 12s (run 3m 32s of 30m)",
        "check lint on the change of iteration 1: 1m 12s (run 3m 52s of 30m)",
        "iteration 2 of 4, the agent takes its turn: 1m 12s, 3.9 KiB of output (run 4m 32s of 30m)",
      ]
    `);
  });

  test('goes on while models are called, and says what they cost', () => {
    const progress = createProgress({ palette: plainPalette, columns: 120, verbose: false });
    const lines: (string | null)[] = [];
    for (const event of EVENTS.spent) {
      progress.onEvent(event);
      if (event.type === 'model.called') lines.push(progress.tick({ now: event.at + 3_000, outputBytes: 0 }));
    }
    expect(lines).toMatchInlineSnapshot(`
      [
        "iteration 1 of 4, the agent takes its turn: 53s, $0.03 in 1 model call, 0 B of output (run 2m 23s …",
        "iteration 1 of 4, the agent takes its turn: 1m 3s, $0.03 in 2 model calls, 0 B of output (run 2m 3…",
      ]
    `);
  });

  test('fits a narrow terminal', () => {
    const progress = createProgress({ palette: plainPalette, columns: 50, verbose: false });
    for (const event of EVENTS.underWay) progress.onEvent(event);
    const line = progress.tick({ now: (EVENTS.underWay.at(-1)?.at ?? 0) + 3_600_000 });
    expect(width(line ?? '')).toBeLessThan(50);
  });
});
