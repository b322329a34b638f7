import { describe, expect, test } from 'vitest';
import { foldRun } from '../core/evolve.ts';
import { HOSTILE, UNSAFE_FOR_TERMINAL } from '../../test/fixtures/hostile.ts';
import { poisonedEvents } from '../../test/fixtures/poisoned-events.ts';
import { beforeTheGateway, blobText, EVENTS } from '../../test/fixtures/runs.ts';
import type { RunName } from '../../test/fixtures/runs.ts';
import { renderHtml } from './html.ts';
import { renderJson } from './json.ts';
import { renderMarkdown } from './markdown.ts';
import { buildReport } from './report.ts';
import type { ReportModel } from './report.ts';
import { summarise } from './summary.ts';

const NAMES = Object.keys(EVENTS) as RunName[];

function model(name: RunName, chainBrokenAt: number | null = null): ReportModel {
  return buildReport(foldRun(EVENTS[name]), { blob: blobText, events: EVENTS[name].length, chainBrokenAt });
}

function poisonedModel(name: RunName, payload: string): ReportModel {
  const state = foldRun(poisonedEvents(EVENTS[name], payload));
  return buildReport(state, { blob: () => payload, events: 1, chainBrokenAt: null });
}

/** One chapter of a Markdown report. */
function chapter(text: string, title: string): string {
  const [, rest = ''] = text.split(`\n## ${title}\n\n`);
  return (rest.split('\n## ')[0] ?? '').trim();
}

/** What is left of Markdown when fences, code spans and backslash escapes are taken out: where structure would show. */
function bare(markdown: string): readonly string[] {
  const kept: string[] = [];
  let fence: string | null = null;
  for (const line of markdown.split('\n')) {
    // A line with more backticks further on is a code span, not a fence.
    const [, ticks = ''] = /^(`{3,})[^`]*$/.exec(line) ?? [];
    if (fence === null && ticks !== '') fence = ticks;
    else if (fence !== null && ticks.length >= fence.length && line.trim() === ticks) fence = null;
    else if (fence === null) {
      kept.push(line.replace(/\\[!-/:-@[-`{-~]|(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/g, ''));
    }
  }
  expect(fence).toBeNull();
  return kept;
}

const OWN_MARKUP = /<\/?details>|<\/?summary>|<\/?code>|<!-- -->|&(?:lt|gt|amp|quot|#\d+);/g;

/** Lines in which something of Markdown or of a forge is left that the report did not write itself. */
function smuggled(markdown: string): readonly string[] {
  const lines = bare(markdown);
  return lines.filter((line, at) => {
    const before = lines[at - 1] ?? '';
    const inTable = line.startsWith('|') && before.startsWith('|');
    // Rows are as wide as their heading: no cell was opened from inside.
    if (inTable && line.split('|').length !== before.split('|').length) return true;
    // What a report strikes out itself: a whole sentence, from mark to mark.
    const own = line.replace(/^- ~~([^~]*)~~ (?=\*\*)/, '- $1 ');
    return /[<[\]$~]|@\w|#\d|:\/\/|\bwww\./.test(own.replace(OWN_MARKUP, '·'));
  });
}

describe('a log from before the gateway', () => {
  test.each(NAMES)('gives every form of the report of %s', (name) => {
    const older = beforeTheGateway(EVENTS[name]);
    expect(JSON.stringify(older)).not.toContain('dailyCostUsd');
    const report = buildReport(foldRun(older), { blob: blobText, events: older.length, chainBrokenAt: null });
    expect(renderMarkdown(report)).toBe(renderMarkdown(model(name)));
    expect(renderHtml(report)).toBe(renderHtml(model(name)));
    expect(renderJson(report)).not.toContain('dailyCostUsd');
    expect(summarise(foldRun(older))).toEqual(summarise(foldRun(EVENTS[name])));
  });
});

describe('the Markdown report', () => {
  test('tells an accepted run whole', () => {
    expect(renderMarkdown(model('accepted'))).toMatchInlineSnapshot(`
      "# Accepted

      The acceptance holds on a fresh checkout of the change.

      In detail: unit: 12 tests passed, 1 skipped; lint: the command ended with exit code 0

      **Next:** Read it with \`loopwright diff 01k7fixture0000000000000ab\`, take it with \`loopwright land 01k7fixture0000000000000ab\`.

      Iterations: **2** · Change: **2 files, +24 -6** · Checks green: **2 of 2** · Time: **5m 30s** · Model calls: **0** · Undo: **rehearsed**

      ## What was asked

      > Accept trailing commas in arrays and objects

      - Class: \`fix\`: Make a red check green.
      - Acceptance: at least one check had to be red on the base, and all of them had to be green at the end
      - Base: \`main\`, commit \`aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\`
      - Repository: \`/home/ada/jsonish\`
      - Agent: \`command\`
      - May change: \`src/**\`
      - Protected: \`test/**\`: checks use the copies of the base
      - Started by: ada
      - Answers for it: parser-team

      | Check | Command | Report | Time allowed |
      | --- | --- | --- | ---: |
      | \`unit\` | \`npm test\` | junit in \`report.xml\` | 5m |
      | \`lint\` | \`npm run lint\` | exit code only: no test is known by name | 1m |

      ## What changed

      **2 files, +24 -6** against the base, by iteration 2, kept as commit \`dddddddddddddddddddddddddddddddddddddddd\`.

      | File | What | Lines | Flags |
      | --- | --- | ---: | --- |
      | \`src/parser.js\` | modified | +21 -5 |  |
      | \`src/printer.js\` | modified | +3 -1 |  |

      <details>
      <summary>Diff</summary>

      \`\`\`diff
      diff --git a/src/parser.js b/src/parser.js
      index 1111111..2222222 100644
      --- a/src/parser.js
      +++ b/src/parser.js
      @@ -38,7 +38,9 @@ function parseArray(tokens) {
         const items = [];
         while (!tokens.at(']')) {
           items.push(parseValue(tokens));
      -    tokens.expect(',');
      +    if (tokens.at(']')) break;
      +    tokens.expect(',');
      +    // A comma may be the last thing before the bracket.
         }
         return items;
       }
      diff --git a/src/printer.js b/src/printer.js
      index 3333333..4444444 100644
      --- a/src/printer.js
      +++ b/src/printer.js
      @@ -1,3 +1,3 @@
      -export const print = (value) => JSON.stringify(value) + ',';
      +export const print = (value) => JSON.stringify(value);
       // ++ a line that looks like a header
       --- so does this
      \`\`\`

      </details>

      ## What it costs to review

      It takes about 6 minutes to review (an estimate, not calibrated).

      ## Why each part is there

      A line belongs to the iteration since which it is there without a break. An iteration is one turn of the agent, and its checks ran on everything that was there by then.

      | File | Part | Lines | Iteration |
      | --- | --- | ---: | --- |
      | \`src/parser.js\` | \`@@ -38,7 +38,9 @@ function parseArray(tokens) {\` | +3 -1 | 1 |
      | \`src/printer.js\` | \`@@ -1,3 +1,3 @@\` | +1 -1 | 1 |

      | Iteration | Against the one before |
      | ---: | --- |
      | 1 | \`unit\` turned green: \`parser > trailing comma\`; \`unit\` turned red: \`printer > round trip\` |

      ## Evidence

      Loopwright ran the checks itself, on a fresh checkout of the change of iteration 2, in a fresh sandbox, with the base's copies of protected files.

      | Check | On the base | On the change | Against the base |
      | --- | --- | --- | --- |
      | \`unit\` | **red** 12 counted, 2 failed, 1 skipped, 2.4s | **green** 12 counted, 0 failed, 1 skipped, 2.4s | **2 fixed** |
      | \`lint\` | **green** exit code only, 800ms | **green** exit code only, 800ms | cannot be compared: no test is known by name |

      **Check** \`unit\`: 12 tests passed, 1 skipped

      <details>
      <summary>2 tests fixed</summary>

      - \`parser > nested trailing comma\`
      - \`parser > trailing comma\`

      </details>

      **Check** \`lint\`: the command ended with exit code 0

      ## Iterations

      Before the first turn: **continue** unit is red on the base: 2 of 12 tests failed

      | #<!-- --> | Turn | Time | Change | Checks | Verdict |
      | ---: | --- | --- | --- | --- | --- |
      | 1 | ended by itself, exit code 0 | 41s, 12 KiB of output | 2 files, +14 -7 | \`unit\` **red** \`lint\` **green** | **continue** unit: 2 of 12 tests failed; unit: newly failing: printer &gt; round trip |
      | 2 | ended by itself, exit code 0 | 41s, 12 KiB of output | 2 files, +24 -6 | \`unit\` **green** \`lint\` **green** | **accept** unit: 12 tests passed, 1 skipped; lint: the command ended with exit code 0 |

      ## Findings

      | Iteration | Detector | Severity | Seen |
      | ---: | --- | --- | --- |
      | 1 | \`protected-edit\` | **note** | test/parser.test.js is protected and was modified; checks use the base's copy |

      ## Limits

      | Limit | Used | Ceiling |  |
      | --- | ---: | ---: | --- |
      | iterations | 2 | 4 | held |
      | wall time | 5m 30s | 30m | held |
      | silence of the agent | within each turn | 5m | held |
      | changed files | 2 | 10 | held |
      | changed lines | 30 | 400 | held |
      | output of the agent | 24 KiB | 10 MiB | held |
      | tokens | 0 | unlimited | **unlimited** |
      | cost | \\$0.00 | \\$5.00 | held |

      ## Spend

      **0 model calls, \\$0.00**, by construction: the sandbox gave the agent no network, so no call could leave it.

      ## Sandbox

      \`bubblewrap\` 0.8.0. What follows was tried out before the run, not read from a configuration.

      - network: none
      - home: hidden
      - processes: own namespace

      What it does not enforce:

      - memory is not limited

      ## Approvals

      Nobody was asked about the change: no risk zone was touched.

      ## Undo

      **rehearsed, it works** landed, reverted; the tree equals the base

      Before it has landed:

      \`\`\`sh
      # Nothing of your repository has changed yet; drop the kept result.
      loopwright undo 01k7fixture0000000000000ab
      \`\`\`

      After it has landed, with git alone:

      \`\`\`sh
      # While nothing was built on loopwright/01k7fixture0000000000000ab: delete the branch.
      git branch -D loopwright/01k7fixture0000000000000ab
      # Once the change is part of another branch: revert its one commit there.
      git revert --no-edit "$(git log -1 --format=%H --grep='^Loopwright-Run: 01k7fixture0000000000000ab$')"
      \`\`\`

      ## What the agent said

      These are claims. Nothing here had a part in the verdict, except that an agent which says it is blocked is believed far enough to stop.

      Iteration 1: the agent says it is done. **contradicted**

      > All tests pass now.

      **Seen**: unit: 2 of 12 tests failed; lint: the command ended with exit code 0.

      Iteration 2: the agent says it is done. **measured**

      > Fixed the printer as well.

      **Seen**: unit: 12 tests passed, 1 skipped; lint: the command ended with exit code 0.

      Sentence by sentence, as far as something measured speaks to it. What is struck out was not seen, or is not so; what has no mark was not looked at.

      - ~~Fixed the printer as well.~~ **not seen** what turned green does not name all of it (turned green: parser &gt; nested trailing comma, parser &gt; trailing comma)

      <details>
      <summary>End of the agent&#39;s output in its newest turn</summary>

      \`\`\`text
      Reading src/parser.js
      Editing src/parser.js
      All tests pass now.
      \`\`\`

      </details>

      ## How to reproduce

      - Base commit: \`aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\`
      - Change: \`dddddddddddddddddddddddddddddddddddddddd\`
      - Policy hash: \`ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\`
      - Loopwright: \`0.1.0\`

      In the repository. The checks run code the agent wrote: outside a sandbox it can do what you can do.

      \`\`\`sh
      git worktree add --detach checkout aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
      loopwright diff 01k7fixture0000000000000ab > change.patch
      git -C checkout apply ../change.patch
      cd checkout
      npm test
      npm run lint
      \`\`\`

      Loopwright also puts the base versions of the protected files back before each check.

      ## The record

      This report is a projection of the log alone: \`loopwright log 01k7fixture0000000000000ab\`.

      - Events: 34
      - Chain: **the hash chain holds**
      - Driven by: one process, without interruption
      - Started: 2026-03-01 14:05:09Z
      - Stopped: 2026-03-01 14:10:39Z

      ---

      Run \`01k7fixture0000000000000ab\`, written by loopwright 0.1.0 from its own measurements.
      "
    `);
  });

  test('puts the verdict first and the decision a person has to take right after it', () => {
    expect(renderMarkdown(model('waiting')).split('\n## ')[0]).toMatchInlineSnapshot(`
      "# Waits for a person

      The change passed and its undo was rehearsed; a person has to decide whether it is taken.

      In detail: risk zone auth: src/auth/session.js

      **Next:** Read it with \`loopwright diff 01k7fixture0000000000000ab\`, then \`loopwright approve 01k7fixture0000000000000ab\` or \`loopwright reject 01k7fixture0000000000000ab "what has to be different"\`.

      Iterations: **2** · Change: **2 files, +24 -6** · Checks green: **2 of 2** · Time: **5m 40s** · Model calls: **0** · Undo: **rehearsed**
      "
    `);
    expect(chapter(renderMarkdown(model('waiting')), 'Approvals')).toMatchInlineSnapshot(`
      "> **!** The change waits for a decision. It is bound to this exact diff:

      - Why: risk zone auth: src/auth/session.js
      - Diff: \`2222222222222222222222222222222222222222222222222222222222222222\`

      \`\`\`sh
      loopwright diff 01k7fixture0000000000000ab
      loopwright approve 01k7fixture0000000000000ab
      loopwright reject 01k7fixture0000000000000ab "what has to be different"
      \`\`\`"
    `);
  });

  test('says loudly when nothing confined the agent, and does not promise what it cannot know', () => {
    const text = renderMarkdown(model('timedOut'));
    expect(text.split('\n## ')[0]).toMatchInlineSnapshot(`
      "# Not accepted: limit-wall-time

      The limit on wall time was reached without acceptance.

      In detail: limit wallTimeMs: 1800250 of 1800000; nothing was changed

      > **!** **Nothing confined the agent.** It ran without a sandbox and could read and change every file, secret and network that the person who started it could. What this report says of the change is measured; what else happened on that machine is not.

      **Next:** Raise \`--max-time\`, or give a smaller task.

      Iterations: **1** · Change: **nothing** · Checks green: **none ran** · Time: **30m 50s** · Model calls: **0** · Undo: **nothing to undo**
      "
    `);
    expect(chapter(text, 'Spend')).toMatchInlineSnapshot(
      `"**0 model calls were metered.** The agent was not cut off from the network, so calls that went past loopwright cannot be ruled out, and neither can their cost."`,
    );
    expect(chapter(text, 'Limits')).toMatchInlineSnapshot(`
      "| Limit | Used | Ceiling |  |
      | --- | ---: | ---: | --- |
      | iterations | 1 | 4 | held |
      | wall time | 30m 50s | 30m | **reached** |
      | silence of the agent | within each turn | 5m | held |
      | changed files | 0 | 10 | held |
      | changed lines | 0 | 400 | held |
      | output of the agent | 96 B | 10 MiB | held |
      | tokens | 0 | unlimited | **unlimited** |
      | cost | \\$0.00 | \\$5.00 | held |"
    `);
    expect(chapter(text, 'Evidence')).toContain('No check ran on the change of iteration 1');
  });

  test('says that the newest change was not judged when a person stopped the run', () => {
    const text = renderMarkdown(model('interrupted'));
    expect(chapter(text, 'What changed')).toContain('never judged');
    expect(text).toContain('Checks green: **not judged**');
    expect(chapter(text, 'Undo')).toBe(
      'No change was offered, so there is nothing to undo: nothing of your repository was changed.',
    );
  });

  test('says that a changed record cannot be trusted', () => {
    const text = renderMarkdown(model('accepted', 7));
    expect(text.split('\n').slice(0, 3)).toEqual([
      '# Accepted',
      '',
      '> **!** **The record was changed.** Its hash chain is broken at event 7; do not trust this report.',
    ]);
  });

  test('says what is missing when payloads are gone', () => {
    const state = foldRun(EVENTS.accepted);
    const text = renderMarkdown(buildReport(state, { blob: () => null, events: 1, chainBrokenAt: null }));
    expect(text).toContain('The text of the diff is not in the record any more');
  });

  test('the look for structure below finds it where it is', () => {
    const raw = HOSTILE.filter((payload) => smuggled(`# Title\n\n- ${payload}\n`).length > 0);
    expect(raw).toContain('<script>alert(1)</script>');
    expect(raw).toContain('@octocat fixes #1 and GH-2 https://evil.example www.evil.example');
    expect(raw.length).toBeGreaterThan(12);
    expect(smuggled('| a | b |\n| --- | --- |\n| one | two | three |')).toEqual(['| one | two | three |']);
    expect(smuggled('`<code>` \\<b `[`')).toEqual([]);
  });

  test('cannot be given structure, links, mentions or hidden text by an agent', () => {
    const headings = (text: string): number => bare(text).filter((line) => line.startsWith('#')).length;
    for (const name of NAMES) {
      const expected = headings(renderMarkdown(model(name)));
      for (const payload of HOSTILE) {
        const text = renderMarkdown(poisonedModel(name, payload));
        expect(text.replaceAll('\t', ' ')).not.toMatch(UNSAFE_FOR_TERMINAL);
        expect(headings(text)).toBe(expected);
        expect(smuggled(text)).toEqual([]);
      }
    }
  });
});

describe('claims of the agent', () => {
  test('are contradicted where the verdict says otherwise, and agreed with where it does not', () => {
    expect(model('accepted').claims).toEqual([
      {
        iteration: 1,
        kind: 'done',
        text: 'All tests pass now.',
        proof: 'contradicted',
        seen: 'unit: 2 of 12 tests failed; lint: the command ended with exit code 0',
      },
      {
        iteration: 2,
        kind: 'done',
        text: 'Fixed the printer as well.',
        proof: 'proven',
        seen: 'unit: 12 tests passed, 1 skipped; lint: the command ended with exit code 0',
      },
    ]);
  });
});

describe('the JSON report', () => {
  test('is versioned and survives JSON', () => {
    for (const name of NAMES) {
      const json = renderJson(model(name));
      expect(json.reportVersion).toBe(1);
      expect(json.summary).toEqual(summarise(foldRun(EVENTS[name])));
      expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    }
  });

  test('holds the evidence of every check on the base and on the change', () => {
    const { evidence, headline } = renderJson(model('underWay'));
    expect(headline.title).toBe('Not finished');
    expect(
      evidence.checks.map(({ id, run, base, change, stillFailing }) => ({
        id,
        run,
        base: base?.conclusion,
        change: change?.conclusion,
        stillFailing,
      })),
    ).toEqual([
      {
        id: 'unit',
        run: 'npm test',
        base: 'failure',
        change: 'failure',
        stillFailing: ['parser > nested trailing comma'],
      },
      { id: 'lint', run: 'npm run lint', base: 'success', change: 'success', stillFailing: [] },
    ]);
  });
});
