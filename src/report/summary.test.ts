import { describe, expect, test } from 'vitest';
import { foldRun } from '../core/evolve.ts';
import { EVENTS } from '../../test/fixtures/runs.ts';
import { summarise } from './summary.ts';

describe('the summary of a run', () => {
  test('is one object with every field of the contract, in a stable order', () => {
    expect(summarise(foldRun(EVENTS.accepted))).toMatchInlineSnapshot(`
      {
        "agent": "command",
        "approvals": [],
        "base": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "baseName": "main",
        "branch": "loopwright/01k7fixture0000000000000ab",
        "carried": null,
        "checkpoints": [
          {
            "addedLines": 14,
            "changedFiles": 2,
            "commit": "cccccccccccccccccccccccccccccccccccccccc",
            "diffHash": "1111111111111111111111111111111111111111111111111111111111111111",
            "iteration": 1,
            "ref": "refs/loopwright/01k7fixture0000000000000ab/1",
            "removedLines": 7,
          },
          {
            "addedLines": 24,
            "changedFiles": 2,
            "commit": "dddddddddddddddddddddddddddddddddddddddd",
            "diffHash": "2222222222222222222222222222222222222222222222222222222222222222",
            "iteration": 2,
            "ref": "refs/loopwright/01k7fixture0000000000000ab/2",
            "removedLines": 6,
          },
        ],
        "checks": [
          {
            "conclusion": "success",
            "counted": 12,
            "failed": 0,
            "fixed": [
              "parser > nested trailing comma",
              "parser > trailing comma",
            ],
            "flaky": [],
            "id": "unit",
            "measured": null,
            "missing": [],
            "newlyFailing": [],
            "newlySkipped": [],
            "passedOnce": [],
            "repeats": 1,
            "report": "junit",
            "summary": "12 tests passed, 1 skipped",
          },
          {
            "conclusion": "success",
            "counted": 1,
            "failed": 0,
            "fixed": [],
            "flaky": [],
            "id": "lint",
            "measured": null,
            "missing": [],
            "newlyFailing": [],
            "newlySkipped": [],
            "passedOnce": [],
            "repeats": 1,
            "report": "exit-code",
            "summary": "the command ended with exit code 0",
          },
        ],
        "checksOf": {
          "commit": "dddddddddddddddddddddddddddddddddddddddd",
          "iteration": 2,
        },
        "claimedUsage": null,
        "class": "fix",
        "cloud": null,
        "detail": "unit: 12 tests passed, 1 skipped; lint: the command ended with exit code 0",
        "findings": [
          {
            "detector": "protected-edit",
            "iteration": 1,
            "location": "test/parser.test.js",
            "message": "test/parser.test.js is protected and was modified; checks use the base's copy",
            "severity": "note",
          },
        ],
        "frozen": [],
        "head": "dddddddddddddddddddddddddddddddddddddddd",
        "id": "01k7fixture0000000000000ab",
        "iterations": 2,
        "landing": null,
        "limits": {
          "changedFiles": 10,
          "changedLines": 400,
          "costUsd": 5,
          "idleMs": 300000,
          "iterations": 4,
          "outputBytes": 10485760,
          "tokens": "unlimited",
          "wallTimeMs": 1800000,
        },
        "limitsReached": [],
        "loopwright": "0.1.0",
        "operator": "ada",
        "outcome": "accepted",
        "owner": "parser-team",
        "permissions": {
          "allowed": 0,
          "asked": 0,
          "denied": 0,
          "held": 0,
          "questions": [],
          "refused": [],
        },
        "policyHash": "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "programs": [],
        "publication": null,
        "quota": null,
        "repository": "/home/ada/jsonish",
        "review": {
          "limit": "unlimited",
          "minutes": 6,
          "slices": [],
        },
        "sandbox": {
          "confines": true,
          "gaps": [
            "memory is not limited",
          ],
          "id": "bubblewrap",
        },
        "startedAt": 1772373909000,
        "status": "stopped",
        "stopReason": "accepted",
        "stoppedAt": 1772374239000,
        "task": "Accept trailing commas in arrays and objects",
        "unattended": false,
        "undo": {
          "evidence": "landed, reverted; the tree equals the base",
          "now": [
            {
              "command": "loopwright undo 01k7fixture0000000000000ab",
              "what": "Nothing of your repository has changed; drop the kept result.",
              "when": "before-landing",
            },
          ],
          "rehearsed": true,
          "standing": null,
          "steps": [
            {
              "command": "loopwright undo 01k7fixture0000000000000ab",
              "what": "Nothing of your repository has changed yet; drop the kept result.",
              "when": "before-landing",
            },
            {
              "command": "git branch -D loopwright/01k7fixture0000000000000ab",
              "what": "While nothing was built on loopwright/01k7fixture0000000000000ab: delete the branch.",
              "when": "after-landing",
            },
            {
              "command": "git revert --no-edit "$(git log -1 --format=%H --grep='^Loopwright-Run: 01k7fixture0000000000000ab$')"",
              "what": "Once the change is part of another branch: revert its one commit there.",
              "when": "after-landing",
            },
          ],
          "undone": null,
        },
        "unenforced": [],
        "usage": {
          "addedLines": 24,
          "cacheReadTokens": 0,
          "cacheWriteTokens": 0,
          "changedFiles": 2,
          "costUsd": 0,
          "inputTokens": 0,
          "modelCalls": 0,
          "outputBytes": 24576,
          "outputTokens": 0,
          "removedLines": 6,
          "wallTimeMs": 330000,
        },
        "waitingFor": null,
      }
    `);
    expect(Object.keys(summarise(foldRun(EVENTS.accepted)))).toMatchInlineSnapshot(`
      [
        "id",
        "task",
        "class",
        "agent",
        "programs",
        "status",
        "stopReason",
        "outcome",
        "policyHash",
        "base",
        "head",
        "branch",
        "iterations",
        "usage",
        "limits",
        "limitsReached",
        "review",
        "claimedUsage",
        "cloud",
        "quota",
        "checks",
        "checksOf",
        "findings",
        "carried",
        "approvals",
        "undo",
        "sandbox",
        "operator",
        "owner",
        "unattended",
        "repository",
        "baseName",
        "detail",
        "startedAt",
        "stoppedAt",
        "waitingFor",
        "frozen",
        "permissions",
        "unenforced",
        "checkpoints",
        "landing",
        "publication",
        "loopwright",
      ]
    `);
  });

  test('has the same keys in the same order at every moment of every run', () => {
    const keys = new Set<string>();
    let looked = 0;
    for (const events of Object.values(EVENTS)) {
      for (let length = 1; length <= events.length; length += 1) {
        keys.add(Object.keys(summarise(foldRun(events.slice(0, length)))).join());
        looked += 1;
      }
    }
    expect(looked).toBeGreaterThan(100);
    expect(keys.size).toBe(1);
  });

  test('shows the checks of the base until an iteration was judged', () => {
    const started = summarise(foldRun(EVENTS.broken));
    expect(started.checksOf).toEqual({ iteration: 0, commit: started.base });
    expect(started.checks).toEqual([
      {
        id: 'lint',
        conclusion: 'unrunnable',
        counted: 0,
        failed: 0,
        newlyFailing: [],
        fixed: [],
        missing: [],
        newlySkipped: [],
        flaky: [],
        passedOnce: [],
        repeats: 1,
        measured: null,
        report: 'exit-code',
        summary: 'npm: not found',
      },
    ]);
  });

  test('shows the checks of the newest judged iteration while the next one runs', () => {
    const summary = summarise(foldRun(EVENTS.underWay));
    expect(summary.iterations).toBe(2);
    expect(summary.checksOf.iteration).toBe(1);
    expect(summary.checks.map(({ id, conclusion }) => [id, conclusion])).toEqual([
      ['unit', 'failure'],
      ['lint', 'success'],
    ]);
  });

  test('shows no green check for a change on which none ran', () => {
    const summary = summarise(foldRun(EVENTS.timedOut));
    expect(summary.checksOf).toEqual({ iteration: 1, commit: summary.head });
    expect(summary.checks).toEqual([]);
    expect(summary.limitsReached).toEqual([{ limit: 'wallTimeMs', value: 1_800_250, ceiling: 1_800_000 }]);
  });

  test('says what a waiting run waits for and how to answer', () => {
    const { status, outcome, stopReason, waitingFor } = summarise(foldRun(EVENTS.waiting));
    expect({ status, outcome, stopReason, waitingFor }).toMatchInlineSnapshot(`
      {
        "outcome": "undecided",
        "status": "waiting",
        "stopReason": null,
        "waitingFor": {
          "commands": [
            "loopwright diff 01k7fixture0000000000000ab",
            "loopwright approve 01k7fixture0000000000000ab",
            "loopwright reject 01k7fixture0000000000000ab "what has to be different"",
          ],
          "diffHash": "2222222222222222222222222222222222222222222222222222222222222222",
          "iteration": 2,
          "missing": [
            "1 more approval for auth",
          ],
          "reasons": [
            "risk zone auth: src/auth/session.js",
          ],
          "since": 1772374239000,
          "zones": [
            "auth",
          ],
        },
      }
    `);
    expect(summarise(foldRun(EVENTS.approved)).waitingFor).toBeNull();
  });

  test.each([
    ['landed', 'landed'],
    ['undone', 'undone'],
    ['accepted', 'accepted'],
    ['timedOut', 'not-accepted'],
    ['underWay', 'undecided'],
  ] as const)('outcome of %s is %s', (name, outcome) => {
    expect(summarise(foldRun(EVENTS[name])).outcome).toBe(outcome);
  });
});
