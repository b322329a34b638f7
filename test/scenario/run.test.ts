/** The main job on real parts: accepted, stopped, held, refused, landed, undone. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { RIGHT_FIX, SUM, repositoryWith, scriptFile } from './harness.ts';
import type { Files, Place } from './harness.ts';
import { endAll } from './undone.ts';
import { written } from './written.ts';

const places: Place[] = [];

function place(files: Files = SUM): Place {
  const made = repositoryWith(files);
  places.push(made);
  return made;
}

afterEach(() => endAll(places));

const WRITE_FIX = `write: { path: sum.js, text: ${JSON.stringify(RIGHT_FIX)} }`;
const FIX = `turns: [[{ ${WRITE_FIX} }, { claim: done }]]`;

function scripted(here: Place, yaml: string, ...more: readonly string[]): Promise<Awaited<ReturnType<Place['run']>>> {
  return here.run('make it add', '--agent', 'scripted', '--script', scriptFile(here, yaml), ...more);
}

describe('a run', () => {
  it('is accepted when the red test turns green, and leaves the checkout as it was', async () => {
    const here = place();
    const before = here.fingerprint();
    const { code, events } = await scripted(here, FIX);
    expect(events.at(-1)).toMatchObject({ type: 'run.stopped', reason: 'accepted' });
    expect(code).toBe(0);
    expect(here.fingerprint()).toBe(before);
    const shown = await here.show();
    expect(shown).toMatchObject({ status: 'stopped', outcome: 'accepted', iterations: 1, undo: { rehearsed: true } });
    expect(shown.checks).toMatchObject([{ id: 'test', conclusion: 'success', counted: 2, failed: 0 }]);
    expect(shown.checks[0]?.fixed).toHaveLength(1);
  });

  it('goes on with the failures of the last iteration until it is right', async () => {
    const here = place();
    const script = `
turns:
  - - write: { path: sum.js, text: "exports.sum = () => 5;\\nexports.zero = () => 0;\\n" }
    - claim: { done: "2 passed, 0 failed" }
  - - if-prompt-contains: { text: adds, then: [{ ${WRITE_FIX} }], else: [{ exit: 9 }] }
`;
    const { code } = await scripted(here, script);
    expect(code).toBe(0);
    expect(await here.show()).toMatchObject({ outcome: 'accepted', iterations: 2 });
    const { out: why } = await here.cli('diff', 'last', '--why');
    expect(why).toMatch(/^sum\.js {2}@@ .* @@ {2}iteration 1, 2\n/);
    expect(why).toMatch(/\niteration 2 turned\n {2}green {2}test: .*adds/);
    const traced = JSON.parse((await here.cli('diff', 'last', '--why', '--json')).out) as Record<string, unknown>;
    expect(traced).toMatchObject({ iteration: 2, hunks: [{ path: 'sum.js', iteration: 2, from: [1, 2] }] });
    const report = JSON.parse((await here.cli('report', 'last', '--json')).out) as { evidence: { why: unknown } };
    expect(report.evidence.why).toMatchObject({ hunks: traced['hunks'] });
  });

  it('does not accept the deletion of the failing test, whatever the agent claims', async () => {
    const here = place();
    const { code, events } = await scripted(here, `turns: [[{ delete: sum.test.js }, { claim: { done: all pass } }]]`);
    expect(code).toBe(13);
    expect(events.at(-1)).toMatchObject({ type: 'run.stopped' });
    const shown = await here.show();
    expect(shown.outcome).toBe('not-accepted');
    expect(shown.checks).toMatchObject([{ conclusion: 'failure', counted: 2, failed: 1 }]);
    expect(shown.findings.map(({ detector }) => detector)).toContain('protected-edit');
  });

  it('does not accept a new test runner configuration that narrows the suite', async () => {
    const here = place({
      ...SUM,
      'loopwright.yaml': 'version: 1\nchecks:\n  test:\n    run: sh suite.sh\n    report: tap\n',
      'suite.sh': 'node --test --test-reporter=tap\n',
    });
    const narrow = 'turns: [[{ write: { path: suite.sh, text: "node --test --test-reporter=tap zero.test.js\\n" } }]]';
    const { events } = await scripted(here, narrow, '--max-iterations', '1');
    expect(events.at(-1)).toMatchObject({ type: 'run.stopped', reason: 'limit-iterations' });
    const [check] = (await here.show()).checks;
    expect(check?.missing).toHaveLength(1);
  });

  it('takes no turn when there is nothing to prove', async () => {
    const here = place({ ...SUM, 'sum.js': RIGHT_FIX });
    const { code, events } = await scripted(here, FIX);
    expect(code).toBe(1);
    expect(events.at(-1)).toMatchObject({ reason: 'already-accepted' });
    expect(events.some(({ type }) => type === 'turn.requested')).toBe(false);
  });

  it('takes no turn when the environment cannot run the check', async () => {
    const here = place();
    const { code, events } = await here.run('x', '--check', 'no-such-program', '--', 'true');
    expect(code).toBe(20);
    expect(events.at(-1)).toMatchObject({ reason: 'environment-broken' });
    expect(events.some(({ type }) => type === 'turn.requested')).toBe(false);
  });

  it('accepts a formatter under a class whose checks only have to stay green', async () => {
    const here = place({ ...SUM, 'sum.js': RIGHT_FIX });
    const { code } = await here.run('--class', 'format', '--', 'sed', '-i', 's/=> 0/=> (0)/', 'sum.js');
    expect(code).toBe(0);
    expect(await here.show()).toMatchObject({ outcome: 'accepted', agent: 'command', iterations: 1 });
    expect((await here.cli('diff', 'last')).out).toContain('+exports.zero = () => (0);');
  });

  it('is refused by a change that breaks what was green', async () => {
    const here = place({ ...SUM, 'sum.js': RIGHT_FIX });
    const { code } = await here.run('--class', 'refactor', '--', 'sed', '-i', 's/=> 0/=> 1/', 'sum.js');
    expect(code).toBe(13);
    const [check] = (await here.show()).checks;
    expect(check?.newlyFailing).toHaveLength(1);
  });

  it('lets known-red tests stay red where only getting worse is forbidden', async () => {
    const here = place();
    const { code } = await here.run('--class', 'refactor', '--', 'sed', '-i', 's/=> 0/=> (0)/', 'sum.js');
    expect(code).toBe(0);
    expect((await here.show()).checks).toMatchObject([{ conclusion: 'failure', newlyFailing: [] }]);
  });

  it('says what an agent says that gives up, as a claim', async () => {
    const here = place();
    const { code, events } = await scripted(here, 'turns: [[{ claim: { blocked: no compiler here } }]]');
    expect(code).toBe(12);
    expect(events.at(-1)).toMatchObject({ reason: 'agent-blocked' });
    expect((await here.show()).detail).toContain('no compiler here');
  });

  it('names an agent program that does not exist', async () => {
    const here = place();
    const { code, events } = await here.run('x', '--', 'no-such-agent');
    expect(code).toBe(20);
    expect(events.at(-1)).toMatchObject({ reason: 'agent-unavailable' });
  });
});

describe('a check that writes a report file', () => {
  const SUITE: Files = {
    'a b/c d.sh': `if grep -q good value; then f=''; else f='<failure message="bad value"/>'; fi
echo "<testsuite><testcase name=\\"value\\">$f</testcase></testsuite>" > "out dir.xml"
grep -q good value
`.replaceAll('\\\\', '\\'),
    value: 'bad\n',
    'loopwright.yaml':
      'version: 1\nchecks:\n  x:\n    run: sh "a b/c d.sh"\n    report: junit\n    report-file: out dir.xml\n',
  };

  it('is read from paths with spaces', async () => {
    const here = place(SUITE);
    expect((await here.run('x', '--', 'sh', '-c', 'echo good > value')).code).toBe(0);
    expect((await here.show()).checks).toMatchObject([{ conclusion: 'success', counted: 1, fixed: ['value'] }]);
  });

  it('is never fooled by a report that the agent commits', async () => {
    const here = place(SUITE);
    const forge = `echo '<testsuite><testcase name="value"/></testsuite>' > "out dir.xml"; echo 'exit 0' > "a b/c d.sh"`;
    await here.run('x', '--max-iterations', '1', '--', 'sh', '-c', forge);
    expect((await here.show()).checks).toMatchObject([{ conclusion: 'inconclusive', counted: 0 }]);
  });
});

describe('limits', () => {
  it('hold in the middle of a turn: wall time', async () => {
    const here = place();
    const { code, events } = await scripted(here, 'turns: [[{ hang: true }]]', '--max-time', '4s');
    expect(code).toBe(10);
    expect(events.at(-1)).toMatchObject({ reason: 'limit-wall-time' });
    expect(events.find(({ type }) => type === 'limit.reached')).toMatchObject({ breach: { limit: 'wallTimeMs' } });
  });

  it('hold in the middle of a turn: idle', async () => {
    const here = place();
    const { code, events } = await scripted(here, 'turns: [[{ say: hello }, { hang: true }]]', '--max-idle', '1s');
    expect(code).toBe(10);
    expect(events.at(-1)).toMatchObject({ reason: 'limit-idle' });
  });

  it('hold in the middle of a turn: output', async () => {
    const here = place();
    const flood = 'turns: [[{ flood: { bytes: 100000000, stream: stdout } }, { hang: true }]]';
    const { code, events } = await scripted(here, flood, '--max-output', '1MiB');
    expect(code).toBe(10);
    expect(events.at(-1)).toMatchObject({ reason: 'limit-output-bytes' });
  });

  it('keep what was right although the clock ran out', async () => {
    const here = place();
    const { code } = await scripted(here, `turns: [[{ ${WRITE_FIX} }, { hang: true }]]`, '--max-idle', '1s');
    expect(code).toBe(0);
    expect((await here.show()).outcome).toBe('accepted');
  });

  it('refuse a change that is too large, however green', async () => {
    const here = place();
    const many = `turns: [[{ ${WRITE_FIX} }, { many-files: { count: 30, directory: extra } }]]`;
    const { code, events } = await scripted(here, many, '--max-files', '5');
    expect(code).toBe(10);
    expect(events.at(-1)).toMatchObject({ reason: 'limit-changed-files' });
    expect(events.filter(({ type }) => type === 'check.requested')).toHaveLength(1);
    const lines = await scripted(here, many, '--max-lines', '3');
    expect(lines.events.at(-1)).toMatchObject({ reason: 'limit-changed-lines' });
  });

  it('stop a run that fails the same way again and again, and one that does nothing', async () => {
    const here = place();
    const spiral = 'turns: [[{ append: { path: notes.md, text: "again\\n" } }]]';
    expect((await scripted(here, spiral)).events.at(-1)).toMatchObject({ reason: 'repeated-failure' });
    const idle = await scripted(here, 'turns: [[{ say: thinking }]]');
    expect(idle.code).toBe(13);
    expect(idle.events.at(-1)).toMatchObject({ reason: 'no-progress' });
  });
});

describe('review', () => {
  const RISKY: Files = {
    ...SUM,
    'loopwright.yaml': `${SUM['loopwright.yaml']}risk:\n  - name: arithmetic\n    paths: [sum.js]\n    reason: money\n`,
  };

  it('holds a passing change in a risk zone until a person approves that very diff', async () => {
    const here = place(RISKY);
    const { code, events } = await scripted(here, FIX);
    expect(code).toBe(11);
    expect(events.at(-1)).toMatchObject({ type: 'leg.ended', why: 'waiting' });
    expect(await here.show()).toMatchObject({ status: 'waiting', outcome: 'undecided' });
    expect((await here.cli('land', 'last')).code).toBe(2);
    const { diffHash } = JSON.parse((await here.cli('diff', 'last', '--json')).out) as { diffHash: string };
    for (const other of ['f'.repeat(64), '', diffHash.slice(0, 7)]) {
      const stale = await here.cli('approve', 'last', 'looks right', '--diff', other);
      expect(stale).toMatchObject({ code: 2, err: expect.stringContaining('LW_APPROVAL_STALE') });
    }
    expect((await here.cli('approve', 'last', 'looks right')).code).toBe(0);
    expect(await here.show()).toMatchObject({
      outcome: 'accepted',
      approvals: [{ decision: 'approved', by: 'tester', reason: 'looks right' }],
    });
  });

  it('waits for as many people as the zone asks for, and only for those it names', async () => {
    const demands = '    approvals: 2\n    from: [ann, bob, eve]\n';
    const here = place({ ...SUM, 'loopwright.yaml': `${RISKY['loopwright.yaml']}${demands}` });
    expect((await scripted(here, FIX)).code).toBe(11);
    const stranger = await here.cli('approve', 'last', 'fine', '--by', 'mallory');
    expect(stranger).toMatchObject({ code: 2, err: expect.stringContaining('LW_APPROVAL_NOT_COUNTED') });
    const first = await here.cli('approve', 'last', 'fine', '--by', 'ann');
    expect(first).toMatchObject({
      code: 0,
      err: expect.stringContaining('1 more approval for arithmetic, from bob or eve'),
    });
    const again = await here.cli('approve', 'last', 'fine', '--by', 'ann');
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining('ann has approved this diff already') });
    expect(await here.show()).toMatchObject({ status: 'waiting', outcome: 'undecided' });
    expect((await here.cli('approve', 'last', 'fine', '--by', 'bob')).code).toBe(0);
    expect(await here.show()).toMatchObject({ outcome: 'accepted', approvals: [{ by: 'ann' }, { by: 'bob' }] });
  });

  it('holds what an owner answers for, by CODEOWNERS of the base, and refuses owners of nothing', async () => {
    const risk = `risk:\n  - name: arithmetic\n    owners: ['@acme/sums']\n    reason: money\n`;
    const policy = { ...SUM, 'loopwright.yaml': `${SUM['loopwright.yaml']}${risk}` };
    const here = place({ ...policy, '.github/CODEOWNERS': '* @acme/all\n!bad line\n/sum.js @acme/sums\n' });
    expect((await scripted(here, FIX)).code).toBe(11);
    const nobody = place({ ...policy, CODEOWNERS: '* @acme/all\n' });
    await expect(scripted(nobody, FIX)).rejects.toThrow('CODEOWNERS gives them nothing');
  });

  it('holds a change for what its lines do, whatever file they are in, and says which line', async () => {
    const here = place();
    const text = `${RIGHT_FIX}// CREATE TABLE sums (id int);\n`;
    const { code } = await scripted(here, `turns: [[{ write: { path: sum.js, text: ${JSON.stringify(text)} } }]]`);
    expect(code).toBe(11);
    const shown = await here.show();
    const said = shown.findings.find(({ detector }) => detector === 'risk-lines');
    expect(said).toMatchObject({ severity: 'note', location: 'sum.js' });
    expect(said?.message).toMatch(/^sum\.js:\d+ adds SQL that changes a schema: .*\(risk zone migrations\)$/);
  });

  it('lands by itself where the policy lets it, and never where the class only reports', async () => {
    const lands = place({ ...SUM, 'loopwright.yaml': `${SUM['loopwright.yaml']}owner: ann\nautonomy: land\n` });
    const { code, events } = await scripted(lands, FIX);
    expect(code).toBe(0);
    expect(events.at(-1)).toMatchObject({ type: 'run.stopped', reason: 'accepted' });
    expect((await lands.show()).outcome).toBe('landed');
    const reports = place({ ...SUM, 'loopwright.yaml': `${SUM['loopwright.yaml']}autonomy: report\n` });
    expect((await scripted(reports, FIX)).code).toBe(0);
    const refused = await reports.cli('land', 'last');
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('autonomy: report') });
  });

  it('turns a rejection into the next prompt', async () => {
    const here = place(RISKY);
    const script = `
turns:
  - [{ ${WRITE_FIX} }]
  - - if-prompt-contains:
        text: please keep a comment
        then: [{ append: { path: sum.js, text: "// kept\\n" } }]
        else: [{ exit: 9 }]
`;
    await scripted(here, script);
    expect((await here.cli('reject', 'last', 'please keep a comment')).code).toBe(0);
    expect((await here.cli('resume', 'last')).code).toBe(11);
    expect((await here.cli('diff', 'last')).out).toContain('// kept');
    expect((await here.cli('reject', 'last', 'never mind', '--stop')).code).toBe(0);
    expect(await here.show()).toMatchObject({ stopReason: 'rejected', outcome: 'not-accepted' });
  });

  it('refuses files outside the paths of the task, and tells the agent', async () => {
    const here = place({ ...SUM, 'loopwright.yaml': `${SUM['loopwright.yaml']}paths:\n  deny: [secret/**]\n` });
    const script = `
turns:
  - [{ ${WRITE_FIX} }, { write: { path: secret/x, text: "1" } }]
  - - if-prompt-contains: { text: secret/x, then: [{ delete: secret/x }], else: [{ exit: 9 }] }
`;
    expect((await scripted(here, script)).code).toBe(0);
    expect(await here.show()).toMatchObject({ outcome: 'accepted', iterations: 2 });
  });
});

describe('landing and undo', () => {
  it('land writes one branch, undo takes it away, and the checkout never moves', async () => {
    const here = place();
    here.write({ 'dirty.txt': 'not committed\n', 'sum.js': 'dirty\n' });
    await scripted(here, FIX);
    const head = here.git('rev-parse', 'HEAD');
    const status = here.git('status', '--porcelain');
    expect((await here.cli('land', 'last')).code).toBe(0);
    const { branch, id } = await here.show();
    expect(branch).toBe(`loopwright/${id}`);
    expect(here.git('show', `${branch}:sum.js`)).toBe(RIGHT_FIX);
    expect(here.git('rev-parse', `${branch}~1`)).toBe(head);
    expect(here.git('rev-parse', 'HEAD')).toBe(head);
    expect(here.git('status', '--porcelain')).toBe(status);
    expect((await here.cli('undo', 'last')).code).toBe(0);
    expect(here.git('branch', '--list', 'loopwright/*')).toBe('');
    expect(await here.show()).toMatchObject({ outcome: 'undone' });
    expect(readFileSync(join(here.root, 'sum.js'), 'utf8')).toBe('dirty\n');
    expect((await here.cli('undo', 'last')).err).toContain('Already undone');
    expect((await here.cli('land', 'last')).code).toBe(2);
  });

  it('fast-forwards a branch by name, refuses the one that is checked out, and reverts with a commit', async () => {
    const here = place();
    here.git('branch', 'release');
    await scripted(here, FIX);
    expect(await here.cli('land', 'last', '--onto', 'main')).toMatchObject({
      code: 2,
      err: expect.stringContaining('LW_BRANCH_EXISTS'),
    });
    expect((await here.cli('land', 'last', '--onto', 'release')).code).toBe(0);
    expect(here.git('show', 'release:sum.js')).toBe(RIGHT_FIX);
    expect((await here.cli('undo', 'last')).code).toBe(0);
    expect(here.git('show', 'release:sum.js')).toBe(SUM['sum.js']);
    expect(here.git('rev-list', '--count', 'main..release').trim()).toBe('2');
    expect(here.git('rev-parse', 'release^{tree}')).toBe(here.git('rev-parse', 'main^{tree}'));
  });

  it('undo before landing drops the result', async () => {
    const here = place();
    await scripted(here, FIX);
    expect((await here.cli('undo', 'last')).code).toBe(0);
    expect(await here.show()).toMatchObject({ outcome: 'undone' });
  });
});

describe('what a person can ask afterwards', () => {
  it('shows, lists, logs, reports and collects garbage', async () => {
    const here = place();
    await scripted(here, FIX);
    const list = JSON.parse((await here.cli('list', '--json')).out) as { runs: { id: string }[] };
    expect(list.runs).toHaveLength(1);
    expect((await here.cli('list')).out).toContain('accepted');
    expect((await here.cli('show', list.runs[0]!.id.slice(0, 12))).out).toContain('make it add');
    expect((await here.cli('log', 'last')).out).toContain('verdict');
    expect((await here.cli('watch', 'last')).code).toBe(0);
    const markdown = (await here.cli('report', 'last')).out;
    expect(markdown).toContain('make it add');
    expect((await here.cli('report', 'last', '--format', 'html')).out).toMatch(/^<!doctype html>/i);
    expect(JSON.parse((await here.cli('report', 'last', '--json')).out)).toMatchObject({ reportVersion: 1 });
    expect((await here.cli('report', 'last', '--format', 'pdf')).code).toBe(2);
    const { id } = await here.show();
    expect(existsSync(join(here.home, 'runs', id))).toBe(true);
    expect((await here.cli('gc', '--older-than', '1ms')).code).toBe(0);
    expect(existsSync(join(here.home, 'runs', id))).toBe(false);
    expect((await here.cli('diff', 'last')).code).toBe(0);
    expect((await here.cli('land', 'last')).code).toBe(0);
  });

  it('explains before it starts: dry run, overview, doctor, init, policy check', async () => {
    const here = place({ ...SUM, 'package.json': '{"name":"x","scripts":{"test":"node --test"}}' });
    const dry = await here.cli('run', 'x', '--dry-run', '--', 'true');
    expect(dry).toMatchObject({ code: 0 });
    expect(dry.out).toContain('Nothing was started');
    expect((await here.cli('list', '--json')).out).toBe('{"runs":[]}');
    expect((await here.cli()).out).toContain('node --test');
    expect((await here.cli('doctor')).code).toBe(0);
    expect((await here.cli('policy', 'check')).code).toBe(0);
    expect((await here.cli('init')).code).toBe(2);
    expect((await here.cli('init', '--print')).out).toContain('version: 1');
  });

  it('answers a wrong command line in words', async () => {
    const here = place();
    expect(await here.cli('rnu')).toMatchObject({ code: 2, err: expect.stringContaining('run') });
    expect(await here.cli('show', 'nosuchrun')).toMatchObject({
      code: 2,
      err: expect.stringContaining('LW_RUN_UNKNOWN'),
    });
    expect(await here.cli('run', '--max-time', 'soon', 'x')).toMatchObject({ code: 2 });
    expect(await here.cli('run')).toMatchObject({ code: 2 });
    expect(await here.cli('run', 'x', '--class', 'fxi', '--', 'true')).toMatchObject({
      code: 2,
      err: expect.stringContaining('LW_CLASS_UNKNOWN'),
    });
    expect(await here.cli('run', 'x', '--agent', 'clod')).toMatchObject({
      code: 2,
      err: expect.stringContaining('LW_AGENT_UNKNOWN'),
    });
  });
});

describe('interruption', () => {
  it('stops from another terminal, with a checkpoint of what the agent did', async () => {
    const here = place();
    const running = scripted(here, `turns: [[{ ${WRITE_FIX} }, { say: working }, { sleep: 10m }]]`);
    await expect.poll(() => written(here, 'sum.js', RIGHT_FIX), { timeout: 60_000 }).toBe(true);
    expect((await here.cli('stop', 'last')).code).toBe(0);
    expect((await running).code).toBe(130);
    expect(await here.show()).toMatchObject({ stopReason: 'interrupted' });
    expect((await here.cli('diff', 'last')).out).toContain('+exports.sum = (a, b) => a + b;');
  });
});
