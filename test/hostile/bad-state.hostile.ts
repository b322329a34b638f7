/** Wrong command lines, state that cannot be used, two at once, and runs without a sandbox. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { canMount } from '../process/store-client.ts';
import { repositoryWith, scriptFile } from '../scenario/harness.ts';
import type { Answer, Files, Place } from '../scenario/harness.ts';

const VALUE: Files = {
  value: 'bad\n',
  'loopwright.yaml': 'version: 1\nchecks:\n  value:\n    run: grep -q good value\n',
};
const AGENT = ['--', 'sh', '-c', 'echo good > value'] as const;
const RISKY: Files = {
  ...VALUE,
  'loopwright.yaml': `${VALUE['loopwright.yaml']}risk:\n  - name: money\n    paths: [value]\n    reason: money\n`,
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

function refusal(code: string): Partial<Answer> {
  return { code: 2, err: expect.stringMatching(new RegExp(`\\[${code}\\]\\nNext: \\S`, 'u')) };
}

/** The record of the newest run, as it is. */
async function record(here: Place): Promise<string> {
  return (await here.cli('log', 'last', '--json')).out;
}

describe('a state directory', () => {
  it('that is a file, cannot be made, or is not absolute is refused before anything starts', async () => {
    const here = place();
    const before = here.fingerprint();
    writeFileSync(here.beside('file'), 'precious');
    for (const home of [here.beside('file'), here.beside('file/below'), '/proc/loopwright']) {
      const answer = await here.with({ LOOPWRIGHT_HOME: home }, 'run', 'x', ...AGENT);
      expect(answer).toMatchObject({ code: 20, err: expect.stringMatching(/\[LW_STORE_UNAVAILABLE\]\nNext: \S/u) });
      expect(answer.err).toContain(home);
    }
    const relative = await here.with({ LOOPWRIGHT_HOME: 'state' }, 'run', 'x', ...AGENT);
    expect(relative).toMatchObject(refusal('LW_USAGE'));
    const nowhere = { LOOPWRIGHT_HOME: undefined, HOME: undefined, XDG_STATE_HOME: undefined };
    expect(await here.with(nowhere, 'run', 'x', ...AGENT)).toMatchObject(refusal('LW_USAGE'));
    expect(readFileSync(here.beside('file'), 'utf8')).toBe('precious');
    expect(here.fingerprint()).toBe(before);
  });

  it.skipIf(!canMount('/mnt'))('that may not be written is refused in words (needs user namespaces)', async () => {
    const here = place();
    await here.run('x', ...AGENT);
    const readOnly = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"';
    const wrapper = ['unshare', '-rm', 'sh', '-c', readOnly, 'sh', here.home];
    for (const argv of [
      ['run', 'x', ...AGENT],
      ['land', 'last'],
      ['undo', 'last'],
    ]) {
      expect(await inProcess(here, argv, wrapper)).toMatchObject({
        code: 20,
        err: expect.stringMatching(/\[LW_STORE_UNAVAILABLE\]\nNext: \S/u),
      });
    }
    expect(here.git('branch', '--list', 'loopwright/*')).toBe('');
    expect(await here.cli('land', 'last')).toMatchObject({ code: 0 });
  });

  it('with a corrupt database keeps it and says so', async () => {
    const here = place();
    mkdirSync(here.home);
    const file = join(here.home, 'loopwright.db');
    const garbage = Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(8_000, 0xab)]);
    writeFileSync(file, garbage);
    for (const argv of [['list'], ['run', 'x', ...AGENT], ['gc']]) {
      expect(await here.cli(...argv)).toMatchObject({
        code: 20,
        err: expect.stringMatching(/\[LW_STORE_UNAVAILABLE\]\nNext: \S/u),
      });
    }
    expect(readFileSync(file).equals(garbage)).toBe(true);
    writeFileSync(file, 'no database at all');
    expect(await here.cli('list')).toMatchObject({ code: 20, err: expect.stringContaining('LW_STORE_UNAVAILABLE') });
    expect(readFileSync(file, 'utf8')).toBe('no database at all');
  });

  it('of a newer loopwright, or of another program, is left alone', async () => {
    const here = place();
    await here.run('x', ...AGENT);
    const file = join(here.home, 'loopwright.db');
    const newer = new DatabaseSync(file);
    newer.exec('PRAGMA user_version = 999');
    newer.close();
    expect(await here.cli('list')).toMatchObject({
      code: 20,
      err: expect.stringMatching(/999.*\[LW_STORE_VERSION\]/su),
    });
    expect(await here.cli('run', 'x', ...AGENT)).toMatchObject({
      code: 20,
      err: expect.stringContaining('LW_STORE_VERSION'),
    });
    const foreign = here.beside('foreign');
    mkdirSync(foreign);
    const other = new DatabaseSync(join(foreign, 'loopwright.db'));
    other.exec('CREATE TABLE precious (x); PRAGMA application_id = 7');
    other.close();
    const answer = await here.with({ LOOPWRIGHT_HOME: foreign }, 'run', 'x', ...AGENT);
    expect(answer).toMatchObject({
      code: 20,
      err: expect.stringMatching(/another program.*\[LW_STORE_UNAVAILABLE\]/su),
    });
  });

  it('whose record was changed by somebody is not believed', async () => {
    const here = place();
    await here.run('x', ...AGENT);
    const file = join(here.home, 'loopwright.db');
    const database = new DatabaseSync(file);
    const [table] = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'event'").all();
    expect(table).toBeDefined();
    database.exec("UPDATE event SET body = replace(body, 'echo good', 'echo nice') WHERE seq = 1");
    database.close();
    expect(await here.cli('log', 'last')).toMatchObject({
      code: 20,
      err: expect.stringContaining('LW_LOG_CONTRADICTION'),
    });
    expect((await here.cli('report', 'last')).out).toMatch(/broken|changed|tamper/iu);
  });
});

describe('at the same time', () => {
  it('two runs on one repository both end as they would alone', async () => {
    const here = place();
    const before = here.fingerprint();
    const other = ['--', 'sh', '-c', 'echo good > value; echo other > other'];
    const answers = await Promise.all([
      here.run('one', ...AGENT),
      here.run('two', ...other),
      here.run('three', ...AGENT),
    ]);
    expect(answers.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(here.fingerprint()).toBe(before);
    const ids = answers.map(({ events }) => events[0]?.runId ?? '');
    for (const id of ids) expect(await here.cli('land', id)).toMatchObject({ code: 0 });
    expect(here.git('show', `loopwright/${ids[1]}:other`)).toBe('other\n');
    expect(here.git('branch', '--list', 'loopwright/*').trim().split('\n')).toHaveLength(3);
    expect(here.processes()).toEqual([]);
  });

  it('of two who resume one run exactly one drives it', async () => {
    const here = place(RISKY);
    expect((await here.run('x', ...AGENT)).code).toBe(11);
    expect(await here.cli('reject', 'last', 'again please')).toMatchObject({ code: 0 });
    const before = here.fingerprint();
    const answers = await Promise.all([1, 2, 3, 4].map(() => inProcess(here, ['resume', 'last'])));
    const busy = answers.filter(({ err }) => err.includes('[LW_RUN_BUSY]'));
    const drove = answers.filter(({ code }) => code === 11);
    expect({ drove: drove.length, busy: busy.map(({ code }) => code) }).toEqual({ drove: 1, busy: [2, 2, 2] });
    expect((await here.show()).iterations).toBe(2);
    expect(await here.cli('log', 'last')).toMatchObject({ code: 0 });
    expect(here.fingerprint()).toBe(before);
    expect(here.processes()).toEqual([]);
  });
});

/** `loopwright ARGV` as a process of its own; `wrapper` is a command that runs the rest of its arguments. */
async function inProcess(here: Place, argv: readonly string[], wrapper: readonly string[] = []): Promise<Answer> {
  const main = new URL('../../src/cli/main.ts', import.meta.url).href;
  const source = `import { main } from ${JSON.stringify(main)}; await main(process.argv.slice(1));`;
  const command = [...wrapper, process.execPath, '--input-type=module', '--eval', source, '--', ...argv];
  const child = spawn(command[0] ?? '', command.slice(1), {
    cwd: here.root,
    env: { PATH: process.env['PATH'], HOME: here.home, LOOPWRIGHT_HOME: here.home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: Number(code), out, err };
}

describe('a run that has ended', () => {
  it('is not changed by resume, stop, approve, reject, or a second undo', async () => {
    const here = place();
    await here.run('x', ...AGENT);
    const log = await record(here);
    expect(await here.cli('resume', 'last')).toMatchObject({ code: 0 });
    expect(await here.cli('stop', 'last')).toMatchObject({
      code: 0,
      err: expect.stringContaining('stopped (accepted)'),
    });
    expect(await here.cli('stop', 'last', '--now')).toMatchObject({ code: 0 });
    expect(await here.cli('approve', 'last')).toMatchObject(refusal('LW_RUN_STATE'));
    expect(await here.cli('reject', 'last', 'no')).toMatchObject(refusal('LW_RUN_STATE'));
    expect(await record(here)).toBe(log);
    expect(await here.cli('undo', 'last')).toMatchObject({ code: 0 });
    const undone = await record(here);
    expect(await here.cli('undo', 'last')).toMatchObject({ code: 0, err: expect.stringContaining('Already undone') });
    expect(await here.cli('land', 'last')).toMatchObject(refusal('LW_RUN_STATE'));
    expect(await record(here)).toBe(undone);
  });

  it('lands once, however often it is asked to', async () => {
    const here = place();
    await here.run('x', ...AGENT);
    expect(await here.cli('land', 'last')).toMatchObject({ code: 0 });
    const log = await record(here);
    const refs = here.git('for-each-ref');
    expect(await here.cli('land', 'last')).toMatchObject({ code: 0 });
    expect(await record(here)).toBe(log);
    expect(here.git('for-each-ref')).toBe(refs);
    expect(await here.cli('undo', 'last')).toMatchObject({ code: 0 });
    expect(await here.cli('undo', 'last')).toMatchObject({ code: 0 });
    expect(here.git('branch', '--list', 'loopwright/*')).toBe('');
  });

  it('does not land over a branch of that name with other content; it lands once that is gone', async () => {
    const here = place();
    await here.run('x', ...AGENT);
    const { id } = await here.show();
    here.git('branch', `loopwright/${id}`);
    expect(await here.cli('land', 'last')).toMatchObject(refusal('LW_BRANCH_EXISTS'));
    expect(here.git('rev-parse', `loopwright/${id}`)).toBe(here.git('rev-parse', 'HEAD'));
    here.git('branch', '--delete', `loopwright/${id}`);
    expect(await here.cli('land', 'last')).toMatchObject({ code: 0 });
    expect(here.git('show', `loopwright/${id}:value`)).toBe('good\n');
  });

  it('lands elsewhere after a branch refused it, and the undo leaves the branch that refused alone', async () => {
    const here = place();
    here.git('branch', 'release');
    await here.run('x', ...AGENT);
    const { id } = await here.show();
    expect(await here.cli('land', 'last', '--onto', 'main')).toMatchObject(refusal('LW_BRANCH_EXISTS'));
    expect(await here.cli('land', 'last', '--onto', 'no such branch')).toMatchObject(refusal('LW_BRANCH_EXISTS'));
    expect(await here.cli('land', 'last')).toMatchObject({ code: 0 });
    expect(here.git('show', `loopwright/${id}:value`)).toBe('good\n');
    expect(await here.cli('undo', 'last')).toMatchObject({ code: 0 });
    const second = place();
    await second.run('x', ...AGENT);
    expect(await second.cli('land', 'last', '--onto', 'main')).toMatchObject(refusal('LW_BRANCH_EXISTS'));
    const head = second.git('rev-parse', 'main');
    expect(await second.cli('undo', 'last')).toMatchObject({ code: 0 });
    expect(second.git('rev-parse', 'main')).toBe(head);
  });

  it('keeps its record when its repository or its workspace is gone', async () => {
    const here = place();
    await here.run('x', ...AGENT);
    execFileSync('rm', ['-rf', join(here.home, 'runs')]);
    expect(await here.cli('land', 'last')).toMatchObject({ code: 0 });
    execFileSync('rm', ['-rf', here.root]);
    mkdirSync(here.root);
    for (const view of [['show', 'last'], ['log', 'last'], ['report', 'last'], ['list'], ['diff', 'last']]) {
      expect(await here.cli(...view)).toMatchObject({ code: 0 });
    }
    const undo = await here.cli('undo', 'last');
    expect(undo.err).toMatch(/\[LW_[A-Z_]+\]\nNext: \S|Undone/u);
    expect(undo.err).not.toContain('LW_INTERNAL');
  });
});

describe('a name of a run', () => {
  it('that nobody has, or that several have, is refused by every command', async () => {
    const here = place();
    await here.run('one', ...AGENT);
    await here.run('two', ...AGENT);
    const commands = ['show', 'log', 'diff', 'report', 'watch', 'resume', 'stop', 'approve', 'land', 'undo'];
    for (const command of commands) {
      expect(await here.cli(command, 'zzz')).toMatchObject(refusal('LW_RUN_UNKNOWN'));
      expect(await here.cli(command, '0')).toMatchObject(refusal('LW_RUN_AMBIGUOUS'));
    }
    expect(await here.cli('show', '')).toMatchObject(refusal('LW_RUN_UNKNOWN'));
    expect(await here.cli('diff', 'last', '7')).toMatchObject(refusal('LW_RUN_STATE'));
  });

  it('may be one of a run that was never started', async () => {
    const here = place();
    for (const command of ['show', 'resume', 'land', 'undo']) {
      expect(await here.cli(command, 'last')).toMatchObject(refusal('LW_RUN_UNKNOWN'));
    }
  });
});

/** A directory of links to every program there is, but these. */
function pathWithout(here: Place, ...names: readonly string[]): string {
  const directory = here.beside('bin');
  mkdirSync(directory);
  for (const folder of (process.env['PATH'] ?? '').split(':').filter(Boolean)) {
    for (const name of listed(folder)) {
      if (names.includes(name)) continue;
      try {
        symlinkSync(join(folder, name), join(directory, name));
      } catch (error) {
        // The first folder of the PATH wins.
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  }
  return directory;
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return [];
  }
}

/** Runs the rest of its arguments where the files of a program are hidden. */
function hidden(program: string): readonly string[] {
  const script = `for f in $(which -a ${program}); do mount --bind /dev/null "$(readlink -f "$f")"; done; exec "$@"`;
  return ['unshare', '-rm', 'sh', '-c', script, 'sh'];
}

describe('without bubblewrap', () => {
  it.skipIf(!canMount('/mnt'))(
    'nothing runs, and the command that fixes it is named (needs user namespaces)',
    async () => {
      const here = place();
      const cli = (...argv: readonly string[]): Promise<Answer> => inProcess(here, argv, hidden('bwrap'));
      const answer = await cli('run', 'x', ...AGENT);
      expect(answer).toMatchObject({ code: 20, err: expect.stringContaining('[LW_SANDBOX_UNAVAILABLE]') });
      expect(answer.err).toMatch(/Next: .*apt(?:-get)? install.* bubblewrap/u);
      expect((await cli('list', '--json')).out.trim()).toBe('{"runs":[]}');
      expect((await cli('doctor')).code).not.toBe(0);
      expect((await cli()).code).toBe(0);
      expect(await cli('run', 'x', '--sandbox', 'none', ...AGENT)).toMatchObject({ code: 0 });
      expect(await cli('land', 'last')).toMatchObject({ code: 0 });
      expect(here.git('branch', '--list', 'loopwright/*')).not.toBe('');
      expect(await cli('undo', 'last')).toMatchObject({ code: 0 });
      expect(here.git('status', '--porcelain')).toBe('');
    },
  );

  it('nothing runs without git either', async () => {
    const here = place();
    const answer = await here.with({ PATH: pathWithout(here, 'git') }, 'run', 'x', ...AGENT);
    expect(answer).toMatchObject({ code: 20, err: expect.stringMatching(/git.*\[LW_GIT_FAILED\]\nNext: \S/su) });
  });
});

describe('--sandbox none', () => {
  const NONE = ['--sandbox', 'none'] as const;

  it('works end to end, and says everywhere that nothing confines the agent', async () => {
    const here = place();
    const before = here.fingerprint();
    const answer = await here.cli('run', 'x', ...NONE, ...AGENT);
    expect(answer).toMatchObject({ code: 0 });
    const loud = /not confined|nothing confine|no confinement/iu;
    expect(answer.err).toMatch(loud);
    expect((await here.cli('show', 'last')).out).toMatch(loud);
    expect((await here.cli('report', 'last')).out).toMatch(loud);
    expect((await here.cli('report', 'last', '--format', 'html')).out).toMatch(loud);
    expect((await here.cli('report', 'last', '--json')).out).toContain('"confines":false');
    expect(here.fingerprint()).toBe(before);
    expect(await here.cli('land', 'last')).toMatchObject({ code: 0 });
    const { id } = await here.show();
    expect(here.git('show', `loopwright/${id}:value`)).toBe('good\n');
    expect(await here.cli('undo', 'last')).toMatchObject({ code: 0 });
    expect(here.processes()).toEqual([]);
  });

  it('gives the agent its prompt, its tree and a place to come back to', async () => {
    const here = place(RISKY);
    const agent =
      'test -s "$LOOPWRIGHT_PROMPT_FILE" && test "$(cat value)" != good; git status --short; echo good > value; grep -q again "$LOOPWRIGHT_PROMPT_FILE" && echo heard > heard; true';
    expect((await here.run('x', ...NONE, '--', 'sh', '-c', agent)).code).toBe(11);
    expect(await here.cli('reject', 'last', 'again please')).toMatchObject({ code: 0 });
    expect(await here.cli('resume', 'last')).toMatchObject({ code: 11 });
    expect((await here.cli('diff', 'last')).out).toContain('+heard');
    expect(await here.cli('approve', 'last')).toMatchObject({ code: 0 });
  });

  it('runs the scripted agent, reads report files and restores protected files', async () => {
    const here = place({
      value: 'bad\n',
      'check.sh': `if grep -q good value; then f=''; else f='<failure/>'; fi; echo "<testsuite><testcase name='v'>$f</testcase></testsuite>" > out.xml; grep -q good value\n`,
      'loopwright.yaml':
        'version: 1\nchecks:\n  x:\n    run: sh check.sh\n    report: junit\n    report-file: out.xml\n',
    });
    const cheat =
      'turns: [[{ write: { path: check.sh, text: "exit 0" } }], [{ write: { path: value, text: "good\\n" } }, { write: { path: out.xml, text: "<x/>" } }]]';
    const script = ['--agent', 'scripted', '--script', scriptFile(here, cheat)];
    const { code, events } = await here.run('x', ...NONE, ...script, '--max-iterations', '2');
    expect({ code, last: events.at(-1)?.type }).toEqual({ code: 10, last: 'run.stopped' });
    expect(
      events.filter((event) => event.type === 'check.finished').map(({ result }) => result.conclusion),
    ).not.toContain('success');
  });

  it('ends what the agent starts, as far as it can be found', async () => {
    const here = place();
    const daemon = '(setsid sleep 1000 &); (sleep 1000 &); echo good > value';
    expect((await here.run('x', ...NONE, '--', 'sh', '-c', daemon)).code).toBe(0);
    expect(here.processes()).toEqual([]);
    const hang = "trap '' TERM; echo good > value; while :; do sleep 1; done";
    expect((await here.run('x', ...NONE, '--max-idle', '1s', '--', 'sh', '-c', hang)).code).toBe(0);
    expect(here.processes()).toEqual([]);
  });

  it.each(['--max-cost', '--max-tokens'])('refuses %s, which nothing could hold', async (flag) => {
    const here = place();
    expect(await here.cli('run', 'x', ...NONE, flag, '5', ...AGENT)).toMatchObject(refusal('LW_LIMIT_UNENFORCEABLE'));
    expect((await here.cli('list', '--json')).out).toBe('{"runs":[]}');
  });
});
