import { describe, expect, test } from 'vitest';
import type { RecordedEvent } from '../../core/event.ts';
import { foldRun } from '../../core/evolve.ts';
import type { RunState } from '../../core/state.ts';
import { HOSTILE, UNSAFE_FOR_TERMINAL } from '../../../test/fixtures/hostile.ts';
import { poisonedEvents } from '../../../test/fixtures/poisoned-events.ts';
import { beforeTheGateway, EVENTS, STARTED_AT } from '../../../test/fixtures/runs.ts';
import type { RunName } from '../../../test/fixtures/runs.ts';
import { width } from './columns.ts';
import { renderList } from './list.ts';
import type { ListedRun } from './list.ts';
import { renderLog } from './log.ts';
import { createPalette, plainPalette } from './palette.ts';
import { createProgress } from './progress.ts';
import { renderShow } from './show.ts';

const PAGE = { palette: plainPalette, columns: 100 };
const NOW = STARTED_AT + 2 * 3_600_000;
const NAMES = Object.keys(EVENTS) as RunName[];

function show(name: RunName, live = false): string {
  return renderShow(PAGE, foldRun(EVENTS[name]), live).join('\n');
}

describe('list', () => {
  const runs: readonly ListedRun[] = NAMES.map((name) => ({ state: foldRun(EVENTS[name]), live: false }));

  test('is a table that says how every run stands', () => {
    const driven = { state: foldRun(EVENTS.underWay), live: true };
    expect(renderList(PAGE, [driven, ...runs], NOW).join('\n')).toMatchInlineSnapshot(`
      "run                         age  how it stands       class  agent    task
      01k7fixture0000000000000ab   2h  running             fix    command  Accept trailing commas in arra…
      01k7fixture0000000000000ab   2h  accepted            fix    command  Accept trailing commas in arra…
      01k7fixture0000000000000ab   2h  accepted            fix    command  Accept trailing commas in arra…
      01k7fixture0000000000000ab   2h  landed              fix    command  Accept trailing commas in arra…
      01k7fixture0000000000000ab   2h  undone              fix    command  Accept trailing commas in arra…
      01k7fixture0000000000000ab   2h  landed              fix    command  Accept trailing commas in arra…
      01k7fixture0000000000000ab   2h  undo not finished   fix    command  Accept trailing commas in arra…
      01k7fixture0000000000000ab   2h  waits for a person  fix    command  Accept trailing commas in arra…
      01k7fixture0000000000000ab   2h  waits for a person  fix    command  Accept trailing commas in arra…
      01k7fixture0000000000000ab   2h  accepted            fix    command  Accept trailing commas in arra…
      01k7fixture0000000000000ab   2h  limit-wall-time     fix    command  Accept trailing commas in arra…
      01k7fixture0000000000000ab   2h  limit-wall-time     fix    command  Accept trailing commas in arra…
      01k7fixture0000000000000ab   2h  environment-broken  fix    command  Accept trailing commas in arra…
      01k7fixture0000000000000ab   2h  limit-cost          fix    command  Accept trailing commas in arra…
      01k7fixture0000000000000ab   2h  waits for quota     fix    command  Accept trailing commas in arra…
      01k7fixture0000000000000ab   2h  waits for a person  fix    command  Accept trailing commas in arra…
      01k7fixture0000000000000ab   2h  to be resumed       fix    command  Accept trailing commas in arra…
      01k7fixture0000000000000ab   2h  interrupted         fix    command  Accept trailing commas in arra…"
    `);
  });

  test('says how to start when there is nothing', () => {
    expect(renderList(PAGE, [], NOW)).toMatchInlineSnapshot(`
      [
        "No runs yet. Start one: \`loopwright run "what should be true afterwards"\`.",
      ]
    `);
  });

  test('lines its columns up in colour as it does without', () => {
    const coloured = renderList({ ...PAGE, palette: createPalette(true) }, runs, NOW).join('\n');
    expect(coloured.replace(/\u001B\[\d+m/g, '')).toBe(renderList(PAGE, runs, NOW).join('\n'));
  });
});

describe('show', () => {
  test.each(NAMES)('reads a log of %s from before the gateway', (name) => {
    expect(renderShow(PAGE, foldRun(beforeTheGateway(EVENTS[name])), false).join('\n')).toBe(show(name));
  });

  test('puts how an accepted run stands first and what to do last', () => {
    expect(show('accepted')).toMatchInlineSnapshot(`
      "accepted
        run       01k7fixture0000000000000ab
        meaning   The acceptance holds on a fresh checkout of the change.
        task      Accept trailing commas in arrays and objects
        class     fix, agent command
        base      main aaaaaaaaaaaa of /home/ada/jsonish
        started   2026-03-01 14:05:09Z by ada, owner parser-team
        policy    ffffffffffff
        sandbox   bubblewrap 0.8.0, confines: network, home, processes
                  not enforced: memory is not limited

      iteration 2 of 4
        turn      ended by itself, exit code 0, after 41s, 12 KiB of output
        claim     the agent says: done, "Fixed the printer as well."
        change    2 files, +24 -6: src/parser.js, src/printer.js
        unit      green: 12 tests passed, 1 skipped; against the base 2 fixed; 2.4s
        lint      green: the command ended with exit code 0; 800ms
        verdict   accept: unit: 12 tests passed, 1 skipped
                  lint: the command ended with exit code 0

      the run as a whole
        used      2 iterations, 5m 30s, 0 model calls metered
        limits    iterations 2 of 4, wall time 5m 30s of 30m, changed files 2 of 10, changed lines 30 of
                  400, output of the agent 24 KiB of 10 MiB, cost $0.00 of $5.00
        review    about 6 minutes to review (an estimate, not calibrated)
        undo      rehearsed, it works: landed, reverted; the tree equals the base
                  nothing of your repository has changed yet; \`loopwright undo 01k7fixture0000000000000ab\`
        evidence  \`loopwright report 01k7fixture0000000000000ab\`
        next      Read it with \`loopwright diff 01k7fixture0000000000000ab\`, take it with
                  \`loopwright land 01k7fixture0000000000000ab\`."
    `);
  });

  test('shows a run that waits with the commands that answer it', () => {
    expect(show('waiting').split('\n').slice(-14).join('\n')).toMatchInlineSnapshot(`
      "  used      2 iterations, 5m 40s, 0 model calls metered
        limits    iterations 2 of 4, wall time 5m 40s of 30m, changed files 2 of 10, changed lines 30 of
                  400, output of the agent 24 KiB of 10 MiB, cost $0.00 of $5.00
        review    about 6 minutes to review (an estimate, not calibrated)
        undo      rehearsed, it works: landed, reverted; the tree equals the base
        evidence  \`loopwright report 01k7fixture0000000000000ab\`

      waiting for a person
        why       risk zone auth: src/auth/session.js
        change    iteration 2, diff 222222222222
        look      loopwright diff 01k7fixture0000000000000ab
        yes       loopwright approve 01k7fixture0000000000000ab
        no        loopwright reject 01k7fixture0000000000000ab "what has to be different"
                  No process is held while the run waits."
    `);
  });

  test('promises no landing of a class that only reports, nor does what is told while it runs', () => {
    const events = EVENTS.approved.map((event): RecordedEvent => {
      if (event.type !== 'run.started') return event;
      return { ...event, policy: { ...event.policy, class: { ...event.policy.class, autonomy: 'report' } } };
    });
    const progress = createProgress({ palette: plainPalette, columns: 100, verbose: false });
    const told = events.flatMap((event) => progress.onEvent(event)).join('\n');
    for (const words of [told, renderShow(PAGE, foldRun(events), false).join('\n')]) {
      expect(words).toContain('it never lands');
      expect(words).not.toContain('loopwright land');
    }
    expect(show('approved')).toContain('loopwright land');
  });

  test('shows which limit ended a run, and that no check ran', () => {
    expect(show('timedOut')).toMatchInlineSnapshot(`
      "not accepted: limit-wall-time
        run       01k7fixture0000000000000ab
        meaning   The limit on wall time was reached without acceptance.
        task      Accept trailing commas in arrays and objects
        class     fix, agent command
        base      main aaaaaaaaaaaa of /home/ada/jsonish
        started   2026-03-01 14:05:09Z by ada, owner parser-team
        policy    ffffffffffff
        sandbox   none: NOT CONFINED. The agent can reach every file, secret and network that you can.

      iteration 1 of 4
        turn      ended by a limit: wall time 30m of 30m, after 28m 20s, 96 B of output
        change    nothing was changed
        checks    none ran
        verdict   stop: limit wallTimeMs: 1800250 of 1800000
                  nothing was changed

      the run as a whole
        used      1 iteration, 30m 50s, 0 model calls metered
        limits    iterations 1 of 4, wall time 30m 50s of 30m REACHED, changed files 0 of 10, changed
                  lines 0 of 400, output of the agent 96 B of 10 MiB, cost $0.00 of $5.00
        undo      nothing of your repository has changed; \`loopwright undo 01k7fixture0000000000000ab\`
                  drops what is kept
        evidence  \`loopwright report 01k7fixture0000000000000ab\`
        next      Raise \`--max-time\`, or give a smaller task."
    `);
  });

  test('tells a run that is driven from one whose process died', () => {
    expect(show('underWay', true).split('\n').slice(0, 3)).toMatchInlineSnapshot(`
      [
        "running",
        "  run       01k7fixture0000000000000ab",
        "  now       the agent takes a turn",
      ]
    `);
    expect(show('underWay', true)).toContain('next      loopwright watch');
    expect(show('underWay', false).split('\n').slice(0, 3)).toMatchInlineSnapshot(`
      [
        "to be resumed",
        "  run       01k7fixture0000000000000ab",
        "  now       the agent takes a turn: no process drives it",
      ]
    `);
    expect(show('underWay', false)).toContain('next      loopwright resume');
  });

  test('says that a run was brought back, and what to type without loopwright', () => {
    expect(show('redone').split('\n').slice(-6).join('\n')).toMatchInlineSnapshot(`
      "  review    about 6 minutes to review (an estimate, not calibrated)
        landed    dddddddddddd on release
        undo      rehearsed, it works: landed, reverted; the tree equals the base
                  \`loopwright undo 01k7fixture0000000000000ab\`
        by git    Revert its commit on release. \`git switch release && git revert --no-edit dddddddddddd\`
        evidence  \`loopwright report 01k7fixture0000000000000ab\`"
    `);
  });

  test('tells an undo that did not come to its end from a run that was brought back, each with what to type', () => {
    const published = foldRun(EVENTS.published);
    const withdrawn = { mode: 'closed', evidence: 'request 7 was closed', broughtBack: true } as const;
    const back = { ...published, publication: { ...published.publication, withdrawn } };
    const text = (state: RunState): string => renderShow(PAGE, state, false).join(' ').replaceAll(/\s+/gu, ' ');
    expect(text(published)).toMatch(/^\S*undo not finished.*begun and not finished.*next loopwright undo \w+$/u);
    expect(text(back)).toMatch(/^\S*back here, not on the forge.*next loopwright land \w+ --request --again$/u);
  });

  test('says where a run landed, and that an undone one is undone', () => {
    expect(show('landed').split('\n').slice(-9).join('\n')).toMatchInlineSnapshot(`
      "  landed    dddddddddddd on loopwright/01k7fixture0000000000000ab
        undo      rehearsed, it works: landed, reverted; the tree equals the base
                  \`loopwright undo 01k7fixture0000000000000ab\`
        by git    While nothing was built on loopwright/01k7fixture0000000000000ab: delete the branch.
                  \`git branch -D loopwright/01k7fixture0000000000000ab\`
                  Once something was built on loopwright/01k7fixture0000000000000ab: revert its commit
                  there.
                  \`git switch loopwright/01k7fixture0000000000000ab && git revert --no-edit dddddddddddd\`
        evidence  \`loopwright report 01k7fixture0000000000000ab\`"
    `);
    expect(show('undone').split('\n').slice(-4).join('\n')).toMatchInlineSnapshot(`
      "  undone    nothing had landed; the kept result was dropped: a bundle was kept
        undo      rehearsed, it works: landed, reverted; the tree equals the base
        redo      \`loopwright redo 01k7fixture0000000000000ab\`
        evidence  \`loopwright report 01k7fixture0000000000000ab\`"
    `);
  });
});

describe('log', () => {
  test('has one line per event, with the day said once', () => {
    expect(renderLog({ ...PAGE, columns: 120 }, EVENTS.landed).join('\n')).toMatchInlineSnapshot(`
      "2026-03-01 UTC
       1  14:05:09  run.started         fix with command from main aaaaaaaaaaaa: Accept trailing commas in arrays and objects
       2  14:05:19  leg.started         process 4242 on laptop, epoch 1
       3  14:05:29  workspace.requested
       4  14:05:39  workspace.prepared  overlay, with node_modules
       5  14:05:49  check.requested     base: unit on aaaaaaaaaaaa
       6  14:05:59  check.finished      base: unit red (12 counted, 2 failed, 1 skipped) after 2.4s: 2 of 12 tests failed
       7  14:06:09  check.requested     base: lint on aaaaaaaaaaaa
       8  14:06:19  check.finished      base: lint green (exit code only) after 800ms: the command ended with exit code 0
       9  14:06:29  verdict.reached     base: continue: unit is red on the base: 2 of 12 tests failed
      10  14:06:39  turn.requested      iteration 1, prompt 999999999999
      11  14:06:49  turn.finished       iteration 1: ended by itself, exit code 0, after 41s, 12 KiB of output 444444444444
      12  14:06:59  change.requested    iteration 1
      13  14:07:09  change.collected    iteration 1: 2 files, +14 -7: src/parser.js, test/parser.test.js
      14  14:07:19  checkpoint.created  iteration 1: cccccccccccc as refs/loopwright/01k7fixture0000000000000ab/1
      15  14:07:29  check.requested     iteration 1: unit on cccccccccccc
      16  14:07:39  check.finished      iteration 1: unit red (12 counted, 2 failed, 1 skipped, against the base 1 fixed and …
      17  14:07:49  check.requested     iteration 1: lint on cccccccccccc
      18  14:07:59  check.finished      iteration 1: lint green (exit code only) after 800ms: the command ended with exit cod…
      19  14:08:09  finding.raised      iteration 1: protected-edit (note): test/parser.test.js is protected and was modified…
      20  14:08:19  verdict.reached     iteration 1: continue: unit: 2 of 12 tests failed; unit: newly failing: printer > rou…
      21  14:08:29  turn.requested      iteration 2, prompt 999999999999
      22  14:08:39  turn.finished       iteration 2: ended by itself, exit code 0, after 41s, 12 KiB of output 444444444444
      23  14:08:49  change.requested    iteration 2
      24  14:08:59  change.collected    iteration 2: 2 files, +24 -6: src/parser.js, src/printer.js
      25  14:09:09  checkpoint.created  iteration 2: dddddddddddd as refs/loopwright/01k7fixture0000000000000ab/2
      26  14:09:19  check.requested     iteration 2: unit on dddddddddddd
      27  14:09:29  check.finished      iteration 2: unit green (12 counted, 0 failed, 1 skipped, against the base 2 fixed) a…
      28  14:09:39  check.requested     iteration 2: lint on dddddddddddd
      29  14:09:49  check.finished      iteration 2: lint green (exit code only) after 800ms: the command ended with exit cod…
      30  14:09:59  verdict.reached     iteration 2: accept: unit: 12 tests passed, 1 skipped; lint: the command ended with e…
      31  14:10:09  undo.planned        3 steps for dddddddddddd
      32  14:10:19  rehearsal.requested dddddddddddd
      33  14:10:29  rehearsal.finished  it works: landed, reverted; the tree equals the base
      34  14:10:39  run.stopped         accepted: unit: 12 tests passed, 1 skipped; lint: the command ended with exit code 0
      35  14:10:49  land.requested      dddddddddddd to loopwright/01k7fixture0000000000000ab
      36  14:10:59  land.finished       dddddddddddd on loopwright/01k7fixture0000000000000ab, created"
    `);
  });

  test('says the day again when it changes', () => {
    const [first, second] = EVENTS.landed;
    const later = { ...second!, at: second!.at + 86_400_000 };
    expect(renderLog(PAGE, [first!, later]).filter((line) => line.endsWith('UTC'))).toEqual([
      '2026-03-01 UTC',
      '2026-03-02 UTC',
    ]);
  });
});

describe('every screen', () => {
  test.each(NAMES)('fits its columns: %s', (name) => {
    const state = foldRun(EVENTS[name]);
    for (const columns of [60, 80, 100, 200]) {
      const page = { palette: plainPalette, columns };
      const list = columns < 80 ? [] : renderList(page, [{ state, live: true }], NOW);
      const lines = [...renderShow(page, state, true), ...list];
      expect(lines.filter((line) => width(line) > Math.min(columns, 100))).toEqual([]);
    }
  });

  test('prints nothing that moves or hides in a terminal, whatever the agent writes', () => {
    for (const payload of HOSTILE) {
      for (const events of Object.values(EVENTS)) {
        const poisoned = poisonedEvents(events, payload);
        const state = foldRun(poisoned);
        const lines = [
          ...renderShow(PAGE, state, false),
          ...renderList(PAGE, [{ state, live: false }], NOW),
          ...renderLog(PAGE, poisoned),
        ];
        expect(lines.length).toBeGreaterThan(10);
        expect(lines.filter((line) => UNSAFE_FOR_TERMINAL.test(line) || line.includes('\n'))).toEqual([]);
      }
    }
  });
});
