/** Agents and checks that do what they should not: the run says so in its own words, and nothing of them survives. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../../src/core/event.ts';
import { processesAbout } from '../scenario/census.ts';
import { repositoryWith, scriptFile } from '../scenario/harness.ts';
import type { Files, Place } from '../scenario/harness.ts';

/** One file, one check that is red until the file says so. */
const VALUE: Files = {
  value: 'bad\n',
  'loopwright.yaml': 'version: 1\nchecks:\n  value:\n    run: grep -q good value\n',
};

const places: Place[] = [];

function place(files: Files = VALUE): Place {
  const made = repositoryWith(files);
  places.push(made);
  return made;
}

afterEach(() => {
  for (const made of places.splice(0)) made.remove();
});

interface Ended {
  readonly reason: string;
  readonly code: number;
  readonly detail: string;
  readonly events: readonly RecordedEvent[];
}

/**
 * One run to its end. Whatever happened in it: the checkout is as it was, no process is left, the chain holds, and every
 * view of the record can be read.
 */
async function ended(here: Place, ...argv: readonly string[]): Promise<Ended> {
  const before = here.fingerprint();
  const { code, events } = await here.run('misbehave', ...argv);
  expect(here.processes()).toEqual([]);
  expect(here.fingerprint()).toBe(before);
  const last = events.at(-1);
  if (last === undefined) throw new Error('nothing happened');
  expect(processesAbout(last.runId)).toEqual([]);
  for (const view of [['show', 'last'], ['log', 'last'], ['report', 'last'], ['list']]) {
    expect(await here.cli(...view)).toMatchObject({ code: 0 });
  }
  if (last.type !== 'run.stopped') return { reason: last.type, detail: '', code, events };
  return { reason: last.reason, detail: last.detail, code, events };
}

/** A run whose agent is this shell script. */
function withAgent(here: Place, script: string, ...argv: readonly string[]): Promise<Ended> {
  return ended(here, ...argv, '--', 'sh', '-c', script);
}

function withScript(here: Place, yaml: string, ...argv: readonly string[]): Promise<Ended> {
  return ended(here, '--agent', 'scripted', '--script', scriptFile(here, yaml), ...argv);
}

async function landed(here: Place): Promise<string> {
  const answer = await here.cli('land', 'last', '--json');
  expect(answer).toMatchObject({ code: 0 });
  return (JSON.parse(answer.out) as { branch: string }).branch;
}

/** What the report says is in the workspace and not in the change. */
async function oddities(here: Place): Promise<readonly string[]> {
  const findings = (await here.show()).findings.filter(({ detector }) => detector === 'odd-tree');
  return findings.map(({ message }) => message.replace('not part of the change: ', ''));
}

describe('a check that', () => {
  /** Red on the base in an orderly way; on the change it does this. The agent changes the value only. */
  async function onChange(misbehaviour: string, report = 'exit-code', more = ''): Promise<Ended & { here: Place }> {
    const red = {
      'exit-code': 'exit 1',
      junit: `echo '<testsuite><testcase name="v"><failure/></testcase></testsuite>'; exit 1`,
      tap: `printf 'TAP version 13\\n1..1\\nnot ok 1 - v\\n'; exit 1`,
    }[report];
    const here = place({
      value: 'bad\n',
      'check.sh': `if ! grep -q good value; then ${red}; fi\n${misbehaviour}\n`,
      'loopwright.yaml': `version: 1\nchecks:\n  value:\n    run: sh check.sh\n    report: ${report}\n${more}`,
    });
    return { here, ...(await withAgent(here, 'echo good > value', '--max-iterations', '1')) };
  }

  const ok = `printf 'TAP version 13\\n1..1\\nok 1 - v\\n'`;
  const suite = (inside: string): string => `echo '<testsuite>${inside}</testsuite>'`;
  const TIMEOUT = '    timeout: 2s\n';

  it.each([
    ['hangs', 'sleep 1000', 'exit-code', TIMEOUT, 'timed_out', /did not end within 2 seconds/u],
    [
      'ignores signals and hangs',
      "trap '' TERM INT HUP; while :; do sleep 1; done",
      'exit-code',
      TIMEOUT,
      'timed_out',
      /2 seconds/u,
    ],
    ['floods 1 GB', 'head -c 1000000000 /dev/zero', 'exit-code', '', 'inconclusive', /more output than is allowed/u],
    ['kills its parent', 'kill -9 $PPID; exit 0', 'tap', '', 'inconclusive', /./u],
    ['kills everything it can', 'kill -9 -1; exit 1', 'exit-code', '', 'failure', /./u],
    ['exits with 127', 'exec no-such-program', 'exit-code', '', 'unrunnable', /127|not found/u],
    ['reports no test', suite(''), 'junit', '', 'inconclusive', /counts no test/u],
    ['reports and fails', `${ok}; exit 3`, 'tap', '', 'inconclusive', /disagrees: exit code 3/u],
    [
      'fails and exits with 0',
      `printf 'TAP version 13\\n1..1\\nnot ok 1 - v\\n'`,
      'tap',
      '',
      'failure',
      /exited with 0 all the same/u,
    ],
    [
      'stops in the middle of its report',
      `printf '<testsuite><testcase name="v"/><testca'`,
      'junit',
      '',
      'inconclusive',
      /./u,
    ],
    [
      'promises more tests than it ran',
      `printf 'TAP version 13\\n1..3\\nok 1 - v\\n'`,
      'tap',
      '',
      'inconclusive',
      /./u,
    ],
    ['prints bytes that are no text', `printf '\\377\\376\\200'; ${ok}`, 'tap', '', /success|inconclusive/u, /./u],
    ['says nothing', 'true', 'tap', '', 'inconclusive', /standard output is empty/u],
  ])('%s is never a pass by accident', async (_, script, report, more, conclusion, words) => {
    const { here, reason, events } = await onChange(script, report, more);
    const [check] = (await here.show()).checks;
    expect(check?.conclusion).toMatch(conclusion);
    const finished = events.findLast((event) => event.type === 'check.finished');
    expect(finished?.result.summary).toMatch(words);
    if (check?.conclusion !== 'success') expect(reason).toBe('limit-iterations');
  });

  it('leaves daemons behind: they end with it', async () => {
    const daemon =
      '(setsid sh -c "while :; do date >> /workspace/alive; sleep 0.1; done" >/dev/null 2>&1 &) ; sleep 0.3; exit 0';
    const { reason } = await onChange(daemon);
    expect(reason).toBe('accepted');
  });

  it('deletes the checkout and writes wherever it can: the change and the world are as they were', async () => {
    const rampage = `rm -rf "$PWD"/* "$PWD"/.git / 2>/dev/null; for d in / /etc /usr "$HOME" /tmp /run /var/tmp "$PWD/.."; do echo x > "$d/loopwright-was-here" 2>/dev/null; done; exit 0`;
    const { here, reason } = await onChange(rampage);
    expect(reason).toBe('accepted');
    const found = ['/', '/etc', '/usr', process.env['HOME'] ?? '/root', '/tmp', '/run', '/var/tmp', here.beside('.')];
    expect(found.filter((directory) => existsSync(join(directory, 'loopwright-was-here')))).toEqual([]);
    const branch = await landed(here);
    expect(here.git('show', `${branch}:value`)).toBe('good\n');
    expect(here.git('diff', '--name-only', `${branch}~1`, branch).trim()).toBe('value');
  });

  it.each([
    ['hangs', 'sleep 1000', /did not end within/u],
    ['is not there', 'no-such-program', /not found/u],
  ])('%s on the base ends the run before anything is spent', async (_, run, words) => {
    const here = place({ value: 'bad\n', 'loopwright.yaml': `version: 1\nchecks:\n  x:\n    run: ${run}\n${TIMEOUT}` });
    const { reason, code, detail, events } = await withAgent(here, 'echo good > value');
    expect({ reason, code }).toEqual({ reason: 'environment-broken', code: 20 });
    expect(detail).toMatch(words);
    expect(events.some(({ type }) => type === 'turn.requested')).toBe(false);
  });
});

describe('an agent process that', () => {
  it.each([
    ['exits at once with an error', 'exit 9', 'no-progress', 13],
    ['kills its parent', 'echo good > value; kill -9 $PPID 1 0', 'accepted', 0],
    ['kills everything it can', 'echo good > value; kill -9 -1', 'accepted', 0],
    ['dies by a signal of its own', 'echo good > value; kill -SEGV $$', 'accepted', 0],
    ['says bytes that are no text', `printf '\\377\\376\\200\\0\\n'; echo good > value`, 'accepted', 0],
    ['draws on the terminal', `printf '\\033[2J\\033]0;x\\007\\r\\b'; echo good > value`, 'accepted', 0],
  ])('%s', async (_, script, reason, code) => {
    const here = place();
    expect(await withAgent(here, script, '--max-time', '20s')).toMatchObject({ reason, code });
    expect((await here.cli('log', 'last', '--output')).out).not.toMatch(/[\u0007\u001B]/u);
  });

  it('ignores every signal and hangs is ended all the same, and its work is judged', async () => {
    const stubborn = "echo good > value; trap '' TERM INT HUP QUIT PIPE; while :; do sleep 1; done";
    expect(await withAgent(place(), stubborn, '--max-idle', '1s')).toMatchObject({ reason: 'accepted', code: 0 });
    const idle = await withAgent(place(), stubborn.replace('good', 'worse'), '--max-idle', '1s');
    expect(idle).toMatchObject({ reason: 'limit-idle', code: 10 });
  });

  it('daemonises: the daemon ends with the turn and changes nothing afterwards', async () => {
    const here = place();
    const loop = 'while :; do date >> value; sleep 0.05; done';
    const script = `turns: [[{ daemonise: ${JSON.stringify(loop)} }, { ignore-signals: true }, { sleep: 300ms }, { write: { path: value, text: "good\\n" } }]]`;
    const { reason } = await withScript(here, script, '--max-iterations', '1');
    expect(reason).toBe('accepted');
    expect((await here.cli('diff', 'last')).out).toContain('+good');
  });

  it('closes its output and goes on works until it is done or its time is over', async () => {
    const here = place();
    const quiet = 'exec >&- 2>&-; sleep 0.5; echo good > value';
    expect(await withAgent(here, quiet)).toMatchObject({ reason: 'accepted', code: 0 });
    const forever = 'exec >&- 2>&- <&-; while :; do sleep 1; done';
    expect(await withAgent(here, forever, '--max-time', '3s')).toMatchObject({ reason: 'limit-wall-time', code: 10 });
  });

  it('floods is ended at the limit', async () => {
    const flood = 'yes loopwright';
    expect(await withAgent(place(), flood, '--max-output', '4MiB')).toMatchObject({
      reason: 'limit-output-bytes',
      code: 10,
    });
    expect(await withAgent(place(), `${flood} >&2`, '--max-output', '4MiB')).toMatchObject({ code: 10 });
  });

  it('deletes more of the tree than the policy allows is ended while it does, however green the check', async () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`src/file${index}`, `${index}\n`]));
    const policy = `${VALUE['loopwright.yaml']}resources: { deleted-files: 10 }\n`;
    const here = place({ ...VALUE, ...many, 'loopwright.yaml': policy });
    const { reason, code, detail } = await withAgent(here, 'echo good > value; rm -r src; sleep 1000');
    expect({ reason, code }).toEqual({ reason: 'limit-deletions', code: 10 });
    expect(detail).toContain('deleted files: 40 of 10');
    expect((await here.cli('report', 'last')).out).toContain('deleted files');
  });

  it('reads the secrets of the repository finds them empty, and its change does not touch them', async () => {
    const here = place({ ...VALUE, '.env': 'TOKEN=canary-of-the-test\n', '.vscode/tasks.json': '{}\n' });
    const script =
      'cat .env; cp .env copy; (echo x > .vscode/tasks.json) 2>/dev/null; git status --short; echo good > value';
    const { reason, events } = await withAgent(here, script);
    expect(reason).toBe('accepted');
    expect(events.find(({ type }) => type === 'workspace.prepared')).toMatchObject({
      guarded: { hidden: ['.env'], locked: ['.vscode'], loose: 0 },
    });
    const diff = (await here.cli('diff', 'last')).out;
    expect(diff).toContain('copy');
    expect(diff).not.toMatch(/\.env|\.vscode/u);
    expect((await here.cli('log', 'last', '--full')).out).not.toContain('canary-of-the-test');
  });

  it('forks until it may not is ended with all of it', async () => {
    const fork = 'i=0; while [ $i -lt 300 ]; do (setsid sleep 1000 &) ; i=$((i+1)); done; echo good > value; wait';
    expect(await withAgent(place(), fork, '--max-time', '30s')).toMatchObject({ reason: 'accepted' });
  });
});

describe('an agent that attacks its workspace', () => {
  it.each([
    ['replaces everything in it by links to elsewhere', 'turns: [[{ replace-workspace: /etc }]]'],
    ['deletes all of it', 'turns: [[{ run: "rm -rf ./* ./.[!.]*" }]]'],
  ])('%s: nothing outside is read, and the run ends in its own words', async (_, script) => {
    const here = place();
    const { reason } = await withScript(here, script, '--max-iterations', '1');
    expect(reason).toBe('limit-iterations');
    const text = (await here.cli('diff', 'last')).out;
    expect(text).not.toContain('root:x:0:0');
    expect((await here.show()).checks).toMatchObject([{ conclusion: 'failure' }]);
  });

  it.each([
    ['deletes .git', 'rm -rf .git'],
    ['makes .git a file', 'rm -rf .git; echo "gitdir: /etc" > .git'],
    ['makes .git a link', 'rm -rf .git; ln -s /etc .git'],
    ['makes .git a FIFO', 'rm -rf .git; mkfifo .git'],
    ['breaks .git', 'rm -rf .git/objects .git/HEAD; echo garbage > .git/config; echo garbage > .git/index'],
    ['locks .git', 'touch .git/index.lock .git/HEAD.lock; chmod 000 .git'],
    [
      'commits, rewrites and hides',
      'git add -A; git -c user.name=a -c user.email=b commit -qm x; git update-index --assume-unchanged value',
    ],
  ])('%s: its files are taken all the same', async (_, script) => {
    const here = place();
    const { reason } = await withAgent(here, `${script}; echo good > value`);
    expect(reason).toBe('accepted');
    const branch = await landed(here);
    expect(here.git('diff', '--name-status', `${branch}~1`, branch)).toBe('M\tvalue\n');
  });

  it('plants configuration, hooks, attributes and a repository: none of it runs outside', async () => {
    const here = place();
    const marker = here.beside('marker');
    const plant = `
printf '#!/bin/sh\\ntouch %s; cat\\n' '${marker}' > evil.sh; chmod +x evil.sh
for key in core.fsmonitor core.sshCommand core.pager core.editor filter.evil.clean filter.evil.smudge diff.external \\
  diff.evil.textconv credential.helper gpg.program core.alternateRefsCommand; do git config $key "$PWD/evil.sh"; done
git config core.hooksPath "$PWD/hooks"; mkdir hooks
for hook in pre-commit post-checkout reference-transaction post-index-change update; do
  cp evil.sh hooks/$hook; cp evil.sh .git/hooks/$hook 2>/dev/null || { mkdir -p .git/hooks; cp evil.sh .git/hooks/$hook; }
done
echo '* filter=evil diff=evil' > .gitattributes
git init -q nested; echo x > nested/file; echo good > value`;
    // Attributes change what git does with every file, so a person is asked.
    expect(await withAgent(here, plant)).toMatchObject({ reason: 'leg.ended', code: 11 });
    expect(await here.cli('approve', 'last')).toMatchObject({ code: 0 });
    await here.cli('diff', 'last');
    const branch = await landed(here);
    here.git('ls-tree', '-r', branch);
    expect((await here.cli('undo', 'last')).code).toBe(0);
    expect(existsSync(marker)).toBe(false);
    expect((await oddities(here)).join()).toMatch(/nested: a repository of its own/u);
  });

  it('makes sockets, FIFOs and files nobody may read: they are left out and said', async () => {
    const here = place({ ...VALUE, secretly: 'base\n' });
    const odd = `mkfifo pipe; mkfifo .gitattributes; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("sock")' 2>/dev/null ||
node -e 'require("net").createServer().listen("sock",()=>process.kill(process.pid,9))'; true
echo x > unreadable; chmod 000 unreadable; mkdir closed; echo x > closed/in; chmod 000 closed; chmod 000 secretly; echo good > value`;
    const { reason } = await withAgent(here, odd);
    expect(reason).toBe('accepted');
    const said = await oddities(here);
    for (const name of ['pipe', 'sock', '.gitattributes', 'closed', 'unreadable', 'secretly']) {
      expect(said.filter((oddity) => oddity.startsWith(`${name}: `))).toHaveLength(1);
    }
  });

  it('makes 10,000 files and a file of 100 MB: where the policy allows it, they are taken exactly', async () => {
    const here = place();
    const many =
      'mkdir many; seq 10000 | (cd many && split -l 1 -a 4); yes $(printf %0100000d 0) | head -c 104857600 > big; echo good > value';
    await withAgent(here, many, '--max-files', '20000', '--max-lines', 'unlimited');
    // It is too long to be read to its end, so that a person has to.
    expect((await here.cli('show', 'last')).out).toContain('unread');
    expect((await here.cli('approve', 'last')).code).toBe(0);
    const branch = await landed(here);
    expect(here.git('cat-file', '-s', `${branch}:big`).trim()).toBe('104857600');
    expect(here.git('ls-tree', '-r', '--name-only', branch).split('\n')).toHaveLength(10_003 + 1);
  });

  it('digs directories deeper than any path: the rest is taken, the depth is said, and all of it can be removed', async () => {
    const here = place();
    const dig =
      'd=$(printf "%0200d" 0); i=0; while [ $i -lt 40 ]; do mkdir $d && cd -P $d || break; i=$((i+1)); done; echo deep > file; cd /workspace; echo good > value';
    expect(await withAgent(here, dig)).toMatchObject({ reason: 'accepted' });
    expect((await oddities(here)).join()).toMatch(/too deep/u);
    expect((await here.cli('gc', '--older-than', '1ms')).code).toBe(0);
    expect(readdirSync(join(here.home, 'runs'))).toEqual([]);
  });

  it('names files with newlines, quotes and bytes that are no text: exact on the branch', async () => {
    const here = place();
    const names = [
      ...['new\nline', 'quo"te', ' ', '-rf', '\u001B[31m', '..hidden', '$(id)'].map((name) => Buffer.from(name)),
      Buffer.from([0xff, 0xfe, 0x2e, 0x80]),
    ];
    const list = here.beside('names');
    writeFileSync(list, Buffer.concat(names.map((name) => Buffer.concat([name, Buffer.from([0])]))));
    const shell = `printf '${[...readFileSync(list)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')}' | xargs -0 -I{} sh -c 'echo x > "./$1"' sh {}; echo good > value`;
    const { reason } = await withAgent(here, shell);
    expect(reason).toBe('accepted');
    const branch = await landed(here);
    const tree = execFileSync('git', ['ls-tree', '-r', '--name-only', '-z', branch], {
      cwd: here.root,
      encoding: 'latin1',
    });
    for (const name of names) expect(tree.split('\0')).toContain(name.toString('latin1'));
    for (const view of ['show', 'report', 'log'])
      expect((await here.cli(view, 'last')).out).not.toContain('\u001B[31m');
  });

  it('fills the disk: the failure has its name, the record is whole, and the run ends or goes on', async ({ skip }) => {
    const here = place();
    const unmount = mountSmall(here.home);
    if (unmount === null) skip('a small file system can be mounted by root only');
    try {
      const fill = 'echo good > value; cat /dev/zero > fill; true';
      const { code, out, err } = await here.cli('run', 'x', '--json', '--max-iterations', '1', '--', 'sh', '-c', fill);
      expect({ code, err }).toEqual({ code: 20, err: expect.stringContaining('LW_DISK_FULL') });
      const { runId } = JSON.parse(out.slice(0, out.indexOf('\n'))) as RecordedEvent;
      expect([...here.processes(), ...processesAbout(runId)]).toEqual([]);
      for (const view of ['show', 'log', 'report']) expect(await here.cli(view, 'last')).toMatchObject({ code: 0 });
      expect(await here.cli('resume', 'last')).toMatchObject({ code: 20 });
      rmSync(execFileSync('find', [here.home, '-name', 'fill'], { encoding: 'utf8' }).trim());
      expect(await here.cli('resume', 'last')).toMatchObject({ code: 0 });
      expect(await here.show()).toMatchObject({ outcome: 'accepted' });
    } finally {
      unmount?.();
    }
  });
});

/** A file system of 64 MB at the directory; null where mounting is not allowed. Returns how to take it away. */
function mountSmall(directory: string): (() => void) | null {
  try {
    execFileSync('sh', ['-c', 'mkdir -p "$1" && mount -t tmpfs -o size=64m tmpfs "$1"', 'sh', directory], {
      stdio: 'ignore',
    });
  } catch {
    return null;
  }
  return () => void execFileSync('umount', ['-l', directory]);
}
