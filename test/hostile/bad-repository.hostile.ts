/** Repositories nobody would make for a test: refused in words, or worked on; never touched, never executed. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { emptyPlace, repositoryWith } from '../scenario/harness.ts';
import type { Answer, Files, Place, PlaceOptions } from '../scenario/harness.ts';

/** The smallest task there is: one file, one check that is red, and an agent that makes it green. */
const VALUE: Files = {
  value: 'bad\n',
  'loopwright.yaml': 'version: 1\nchecks:\n  value:\n    run: grep -q good value\n',
};
const AGENT = ['--', 'sh', '-c', 'echo good > value'] as const;

const places: Place[] = [];

function kept(place: Place): Place {
  places.push(place);
  return place;
}

function place(files: Files = VALUE, options?: PlaceOptions): Place {
  return kept(repositoryWith(files, options));
}

afterEach(() => {
  for (const made of places.splice(0)) made.remove();
});

/** Refused with the code and the words; no run exists, and nothing in the directory is different. */
async function expectRefusal(here: Place, code: string, words: RegExp, ...argv: readonly string[]): Promise<Answer> {
  const before = here.fingerprint();
  const answer = await here.cli('run', 'x', ...argv, ...AGENT);
  expect(answer).toMatchObject({ code: 2, err: expect.stringContaining(`[${code}]`) });
  expect(answer.err).toMatch(words);
  expect(answer.err).toMatch(/\nNext: \S/u);
  expect((await here.cli('list', '--json')).out).toBe('{"runs":[]}');
  expect(here.fingerprint()).toBe(before);
  expect(here.processes()).toEqual([]);
  return answer;
}

interface Working {
  /** `--repo`; the place's own directory when left out. */
  readonly repo?: string;
  readonly argv?: readonly string[];
  readonly agent?: string;
}

/** Accepted, and the repository is byte for byte what it was until the change lands as one branch. */
async function expectAccepted(here: Place, { repo, argv = [], agent }: Working = {}): Promise<void> {
  const before = here.fingerprint();
  const where = repo === undefined ? [] : ['--repo', repo];
  const program = agent === undefined ? AGENT : ['--', 'sh', '-c', agent];
  const { code, events } = await here.run('x', ...where, ...argv, ...program);
  expect(events.at(-1)).toMatchObject({ type: 'run.stopped', reason: 'accepted' });
  expect(code).toBe(0);
  expect(here.fingerprint()).toBe(before);
  expect(here.processes()).toEqual([]);
}

/** Lands the newest run; returns the branch. */
async function landed(here: Place): Promise<string> {
  const answer = await here.cli('land', 'last', '--json');
  expect(answer).toMatchObject({ code: 0 });
  return (JSON.parse(answer.out) as { branch: string }).branch;
}

describe('a directory that cannot be worked on', () => {
  it('is no repository, does not exist, or is a git directory itself', async () => {
    const here = kept(emptyPlace());
    await expectRefusal(here, 'LW_REPO_NONE', /is not inside a git repository/u);
    await expectRefusal(here, 'LW_REPO_NONE', /there is no directory .*nowhere/u, '--repo', here.beside('nowhere'));
    writeFileSync(here.beside('file'), '');
    await expectRefusal(here, 'LW_REPO_NONE', /file/u, '--repo', here.beside('file'));
    const there = place();
    await expectRefusal(there, 'LW_REPO_NONE', /inside the git directory/u, '--repo', join(there.root, '.git'));
  });

  it('has no commit, or stands on a branch without one', async () => {
    const here = kept(emptyPlace());
    here.git('init', '--quiet');
    here.write(VALUE);
    await expectRefusal(here, 'LW_REPO_EMPTY', /has no commit yet/u);
    const unborn = place();
    unborn.git('switch', '--quiet', '--orphan', 'fresh');
    await expectRefusal(unborn, 'LW_BASE_UNKNOWN', /"HEAD" does not name a commit.*There are: main/su);
  });

  it('has a damaged git directory', async () => {
    const here = place();
    writeFileSync(join(here.root, '.git', 'config'), '[core\n');
    await expectRefusal(here, 'LW_REPO_UNSUPPORTED', /bad config line 1/u);
    const lost = place();
    execFileSync('find', [join(lost.root, '.git/objects'), '-type', 'f', '-delete']);
    const answer = await lost.cli('run', 'x', ...AGENT);
    expect(answer.code).not.toBe(0);
    expect(answer.err).toMatch(/\[LW_(?:GIT_FAILED|BASE_UNKNOWN|REPO_UNSUPPORTED)\]\nNext: /u);
    expect((await lost.cli('list', '--json')).out).toBe('{"runs":[]}');
  });
});

describe('a base revision', () => {
  it.each([
    ['that does not exist', 'mian', /"mian" does not name a commit.*main/su],
    ['that looks like an option', '-x', /cannot start with a dash/u],
    ['that is a tree', 'HEAD^{tree}', /does not name a commit/u],
    ['that is a file', 'HEAD:value', /does not name a commit/u],
    ['that is a range', 'HEAD~0..HEAD', /does not name a commit/u],
    ['that is empty', '', /does not name a commit/u],
    ['that is an object nobody has', 'f'.repeat(40), /does not name a commit/u],
  ])('%s is refused', async (_, revision, words) => {
    await expectRefusal(place(), 'LW_BASE_UNKNOWN', words, `--base=${revision}`);
  });

  it('may be an annotated tag', async () => {
    const here = place();
    here.git('tag', '--annotate', 'v1', '--message=one');
    here.commit('later', { value: 'good\n' });
    await expectAccepted(here, { argv: ['--base', 'v1'] });
    const branch = await landed(here);
    expect(here.git('rev-parse', `${branch}~1`)).toBe(here.git('rev-parse', 'v1^{commit}'));
  });
});

describe('a policy on the base revision', () => {
  it.each([
    ['malformed', 'version: 1\nchecks: [\n', 'LW_POLICY_INVALID', /loopwright\.yaml:\d+:\d+ /u],
    ['with an unknown key', 'version: 1\nchekcs: {}\n', 'LW_POLICY_INVALID', /loopwright\.yaml:2:1 .*chekcs/u],
    ['without words', '', 'LW_POLICY_INVALID', /loopwright\.yaml:1:1 /u],
    ['huge', `version: 1\n# ${'x'.repeat(300_000)}\n`, 'LW_POLICY_UNREADABLE', /300\d+ bytes/u],
    ['binary', 'version: 1\n\0\x01\x02', 'LW_POLICY_UNREADABLE', /zero byte at offset 11/u],
    [
      'that unfolds without end',
      `version: 1\na0: &a0 [x]\n${Array.from({ length: 20 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}, *a${i}]\n`).join('')}`,
      'LW_POLICY_INVALID',
      /loopwright\.yaml:\d+:\d+ /u,
    ],
  ])('%s starts nothing', async (_, text, code, words) => {
    await expectRefusal(place({ ...VALUE, 'loopwright.yaml': text }), code, words);
  });

  it('that is a symbolic link or a directory is not followed', async () => {
    const here = place({ value: 'bad\n' });
    writeFileSync(here.beside('elsewhere.yaml'), VALUE['loopwright.yaml'] ?? '');
    symlinkSync(here.beside('elsewhere.yaml'), join(here.root, 'loopwright.yaml'));
    here.commit('link', {});
    const answer = await here.cli('run', 'x', ...AGENT);
    expect(answer.code).toBe(2);
    expect((await here.cli('list', '--json')).out).toBe('{"runs":[]}');
  });

  it('rules the run, whatever the agent or the checkout says', async () => {
    const here = place();
    here.write({ 'loopwright.yaml': 'not even: [yaml' });
    const rewrite =
      'echo good > value; printf "version: 1\\nchecks:\\n  value:\\n    run: \\"true\\"\\n" > loopwright.yaml';
    const before = here.fingerprint();
    const cheat = `${rewrite}; echo bad > value`;
    const { events } = await here.run('x', '--max-iterations', '2', '--', 'sh', '-c', cheat);
    expect(events.at(-1)).toMatchObject({ type: 'run.stopped' });
    expect(await here.show()).toMatchObject({ outcome: 'not-accepted', checks: [{ conclusion: 'failure' }] });
    const checks = events.filter((event) => event.type === 'check.finished');
    expect(checks.length).toBeGreaterThanOrEqual(2);
    expect(here.fingerprint()).toBe(before);
  });
});

describe('a repository of an unusual kind', () => {
  it('on a detached HEAD', async () => {
    const here = place();
    here.git('checkout', '--quiet', '--detach');
    await expectAccepted(here);
    await landed(here);
    expect(here.git('rev-parse', '--abbrev-ref', 'HEAD').trim()).toBe('HEAD');
  });

  it('with staged, unstaged, untracked, ignored and conflicted files', async () => {
    const here = place({ ...VALUE, '.gitignore': 'ignored\n', other: 'one\n' });
    here.git('branch', 'theirs');
    here.commit('ours', { other: 'ours\n' });
    here.git('switch', '--quiet', 'theirs');
    here.commit('theirs', { other: 'theirs\n' });
    expect(() => here.git('merge', '--quiet', 'main')).toThrow('merge');
    here.write({ staged: 's\n', value: 'good\n', untracked: 'u\n', ignored: 'i\n' });
    here.git('add', 'staged');
    await expectAccepted(here);
    const branch = await landed(here);
    expect(here.git('diff', '--name-only', `${branch}~1`, branch).trim()).toBe('value');
    expect(here.git('status', '--porcelain')).toContain('UU other');
  });

  it('that is a shallow clone', async () => {
    const origin = place();
    origin.commit('second', { other: 'two\n' });
    const here = kept(emptyPlace());
    here.git('clone', '--quiet', '--depth=1', `file://${origin.root}`, '.');
    await expectAccepted(here);
    const branch = await landed(here);
    expect(here.git('show', `${branch}:value`)).toBe('good\n');
    expect(here.git('rev-list', '--count', branch).trim()).toBe('2');
    expect((await here.cli('undo', 'last')).code).toBe(0);
  });

  it('that is bare', async () => {
    const origin = place();
    const here = kept(emptyPlace());
    here.git('clone', '--quiet', '--bare', origin.root, '.');
    await expectAccepted(here);
    expect(here.git('show', `${await landed(here)}:value`)).toBe('good\n');
  });

  it('that lies in another one, named by a directory below its top', async () => {
    const outer = place();
    const inner = join(outer.root, 'inner repository');
    mkdirSync(join(inner, 'deep', 'er'), { recursive: true });
    execFileSync('git', ['init', '--quiet', '--initial-branch=main', inner]);
    for (const [name, text] of Object.entries(VALUE)) writeFileSync(join(inner, name), text);
    const git = (...args: string[]): string =>
      outer.git('-C', inner, '-c', 'user.name=t', '-c', 'user.email=t@example.invalid', ...args);
    git('add', '--all');
    git('commit', '--quiet', '--message=inner');
    await expectAccepted(outer, { repo: join('inner repository', 'deep', 'er') });
    expect(git('show', `${await landed(outer)}:value`)).toBe('good\n');
    expect(outer.git('branch', '--list', 'loopwright/*')).toBe('');
  });

  it('that is a linked work tree', async () => {
    const main = place();
    const linked = main.beside('linked tree');
    main.git('worktree', 'add', '--quiet', '-b', 'side', linked);
    const before = main.fingerprint(linked);
    await expectAccepted(main, { repo: linked });
    expect(main.fingerprint(linked)).toBe(before);
    expect(main.git('show', `${await landed(main)}:value`)).toBe('good\n');
  });

  it('with a submodule, which stays at its commit', async () => {
    const library = place({ 'library.txt': 'one\n' });
    const here = place();
    here.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library.root, 'library');
    here.commit('submodule', {});
    await expectAccepted(here, { agent: 'echo good > value; mkdir -p library; echo mine > library/library.txt' });
    const branch = await landed(here);
    expect(here.git('rev-parse', `${branch}:library`)).toBe(here.git('rev-parse', 'HEAD:library'));
    expect((await here.cli('report', 'last')).out).toContain('submodule');
  });

  it.each([`my 'repo' "ünïcödé 漢字" $(id) \\n`, ':colon,comma', ' -x ', 'two\nlines'])(
    'under the path %j',
    async (name) => {
      const here = place(VALUE, { name });
      await expectAccepted(here);
      expect(here.git('show', `${await landed(here)}:value`)).toBe('good\n');
      expect((await here.cli('show', 'last')).out).not.toContain(name.includes('\n') ? name : '\0');
      expect((await here.cli('undo', 'last')).code).toBe(0);
    },
  );

  it('that can only be read', async ({ skip }) => {
    const here = place();
    chmodSync(here.root, 0o500);
    chmodSync(join(here.root, '.git'), 0o500);
    const readOnly = mountReadOnly(here.root);
    try {
      if (process.getuid?.() === 0 && readOnly === null) skip('root writes anyway, and no read-only mount can be made');
      await expectAccepted(here);
      const refused = await here.cli('land', 'last');
      expect(refused.code).toBe(20);
      expect(refused.err).toMatch(/\[LW_GIT_FAILED\]/u);
    } finally {
      readOnly?.();
      chmodSync(here.root, 0o700);
      chmodSync(join(here.root, '.git'), 0o700);
    }
    expect((await here.cli('land', 'last')).code).toBe(0);
  });
});

/** null where mounting is not allowed; otherwise how to take it away again. */
function mountReadOnly(directory: string): (() => void) | null {
  const mount = (...args: string[]): void => void execFileSync('mount', args, { stdio: 'ignore' });
  try {
    mount('--bind', directory, directory);
  } catch {
    return null;
  }
  mount('-o', 'remount,ro,bind', directory);
  return () => void execFileSync('umount', [directory]);
}

describe('a hostile repository', () => {
  it('runs none of the programs its configuration, attributes and hooks name', async () => {
    const here = place();
    const marker = here.beside('marker');
    const evil = here.beside('evil.sh');
    writeFileSync(evil, `#!/bin/sh\necho "$0 $*" >> '${marker}'\ncat\n`);
    chmodSync(evil, 0o755);
    here.commit('attributes', { '.gitattributes': '* filter=evil diff=evil merge=evil text=auto\n' });
    writeFileSync(here.beside('included'), `[core]\n\tfsmonitor = ${evil}\n[alias]\n\tfetch = !${evil}\n`);
    const settings = [
      ['core.fsmonitor', evil],
      ['core.hooksPath', here.beside('hooks')],
      ['core.sshCommand', evil],
      ['core.pager', evil],
      ['core.editor', evil],
      ['core.alternateRefsCommand', evil],
      ['core.gitProxy', evil],
      ['core.askPass', evil],
      ['core.attributesFile', here.beside('attributes')],
      ['filter.evil.clean', evil],
      ['filter.evil.smudge', evil],
      ['filter.evil.process', evil],
      ['filter.evil.required', 'true'],
      ['diff.external', evil],
      ['diff.evil.textconv', evil],
      ['diff.evil.command', evil],
      ['merge.evil.driver', evil],
      ['uploadpack.packObjectsHook', evil],
      ['credential.helper', evil],
      ['gpg.program', evil],
      ['commit.gpgSign', 'true'],
      ['alias.rev-parse', `!${evil}`],
      ['alias.status', `!${evil}`],
      ['include.path', here.beside('included')],
      ['pager.diff', evil],
      ['trailer.x.command', evil],
      ['remote.origin.url', `ext::${evil}`],
      ['remote.origin.uploadpack', evil],
      ['remote.origin.promisor', 'false'],
      ['gc.auto', '1'],
      ['gc.recentObjectsHook', evil],
      ['maintenance.auto', 'true'],
    ];
    for (const [key = '', value = ''] of settings) here.git('config', '--local', key, value);
    writeFileSync(here.beside('attributes'), '* filter=evil\n');
    const hooks = [
      'pre-commit',
      'post-checkout',
      'reference-transaction',
      'post-index-change',
      'update',
      'pre-receive',
    ];
    const more = ['post-update', 'post-receive', 'proc-receive', 'pre-auto-gc', 'fsmonitor-watchman', 'post-merge'];
    mkdirSync(here.beside('hooks'));
    for (const name of [...hooks, ...more]) {
      for (const folder of [join(here.root, '.git', 'hooks'), here.beside('hooks')]) {
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, name), `#!/bin/sh\nexec '${evil}' ${name}\n`);
        chmodSync(join(folder, name), 0o755);
      }
    }
    // The canary: in plain git these would run.
    expect(() => here.git('status')).toThrow('evil.sh');
    expect(existsSync(marker)).toBe(true);
    execFileSync('rm', ['-f', marker]);

    await here.cli();
    await here.cli('doctor');
    await expectAccepted(here);
    await here.cli('diff', 'last');
    await here.cli('report', 'last');
    const branch = await landed(here);
    expect(readFileSync(join(here.root, '.git', 'refs', 'heads', branch), 'utf8')).toMatch(/^[0-9a-f]{40}\n$/u);
    expect((await here.cli('undo', 'last')).code).toBe(0);
    expect(existsSync(marker) ? readFileSync(marker, 'utf8') : '').toBe('');
  });

  it('that claims its work tree is elsewhere is not followed into it', async () => {
    const here = place();
    mkdirSync(here.beside('victim'));
    writeFileSync(here.beside('victim/value'), 'bad\n');
    const victim = here.fingerprint(here.beside('victim'));
    here.git('config', 'core.worktree', here.beside('victim'));
    const before = here.fingerprint();
    await expectRefusal(here, 'LW_REPO_UNSUPPORTED', /victim/u);
    expect(here.fingerprint()).toBe(before);
    expect(here.fingerprint(here.beside('victim'))).toBe(victim);
  });

  it('with links that leave the tree: they stay links, and nothing behind them is read or written', async () => {
    const here = place();
    writeFileSync(here.beside('outside'), 'precious\n');
    symlinkSync(here.beside('outside'), join(here.root, 'absolute'));
    symlinkSync('../outside', join(here.root, 'relative'));
    symlinkSync('/etc', join(here.root, 'directory'));
    symlinkSync('loop', join(here.root, 'loop'));
    here.commit('links', {});
    const agent =
      'echo good > value; echo x > relative; echo x > absolute; rm directory; mkdir directory; echo x > directory/f; true';
    await expectAccepted(here, { agent });
    expect(readFileSync(here.beside('outside'), 'utf8')).toBe('precious\n');
    const branch = await landed(here);
    expect(here.git('ls-tree', '-r', branch)).toMatch(/^120000 .*\tabsolute$/mu);
    expect(here.git('show', `${branch}:directory/f`)).toBe('x\n');
    expect((await here.cli('diff', 'last')).out).not.toContain('precious');
  });
});

describe('a repository with unusual content', () => {
  it('of 100 MB in one file', async () => {
    const here = place();
    writeFileSync(join(here.root, 'big.txt'), `${'x'.repeat(1024 * 1024 - 1)}\n`.repeat(100));
    here.commit('big', {});
    await expectAccepted(here, { agent: 'echo good > value; echo more >> big.txt' });
    const branch = await landed(here);
    expect(here.git('cat-file', '-s', `${branch}:big.txt`).trim()).toBe(String(100 * 1024 * 1024 + 5));
  });

  it('of 50,000 files', async () => {
    const here = kept(emptyPlace());
    here.git('init', '--quiet', '--bare');
    const files = Array.from({ length: 50_000 }, (_, file): [string, string] => [
      `d${file % 100}/f${file}`,
      `${file}\n`,
    ]);
    // What it costs a person to look at five hundred files is not what is tried here.
    const policy: Files = { 'loopwright.yaml': `${VALUE['loopwright.yaml'] ?? ''}review: { minutes: unlimited }\n` };
    const inline = [...Object.entries({ ...VALUE, ...policy }), ...files]
      .map(([path, text]) => `M 100644 inline ${path}\ndata ${text.length}\n${text}\n`)
      .join('');
    execFileSync('git', ['fast-import', '--quiet'], {
      cwd: here.root,
      input: `commit refs/heads/main\ncommitter t <t> 0 +0000\ndata 4\nmany\n${inline}\n`,
    });
    here.git('symbolic-ref', 'HEAD', 'refs/heads/main');
    await expectAccepted(here, {
      agent: 'echo good > value; rm -r d7; echo changed > d8/f8',
      argv: ['--max-files', '600'],
    });
    const branch = await landed(here);
    expect(here.git('diff', '--name-only', `${branch}~1`, branch).split('\n')).toHaveLength(502 + 1);
  });

  it('of pointers to large files that nobody fetched', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`;
    const here = place({ ...VALUE, '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n', 'x.bin': pointer });
    await expectAccepted(here);
    const branch = await landed(here);
    expect(here.git('show', `${branch}:x.bin`)).toBe(pointer);
  });

  it('under names with newlines, quotes, tabs, dashes and bytes that are no text', async () => {
    const here = place();
    const names = [
      'new\nline',
      'quo"te',
      "apo'strophe",
      'tab\there',
      '-dash',
      ' space ',
      ':(top)x',
      'a*b',
      'back\\slash',
      '漢字',
    ];
    for (const name of names) writeFileSync(join(here.root, name), 'one\n');
    const raw = Buffer.concat([Buffer.from(`${here.root}/raw-`), Buffer.from([0xff, 0xfe, 0x80])]);
    writeFileSync(raw, 'one\n');
    here.commit('names', {});
    const before = new Set(readdirSync(here.root, 'latin1'));
    await expectAccepted(here, {
      agent:
        'echo good > value; for f in ./*; do [ -f "$f" ] && [ "$f" != ./value ] && [ "$f" != ./loopwright.yaml ] && echo two >> "$f"; done; true',
    });
    const branch = await landed(here);
    const changed = execFileSync('git', ['diff', '--name-only', '-z', `${branch}~1`, branch], {
      cwd: here.root,
      encoding: 'latin1',
    });
    const expected = [...before].filter((name) => !['.git', 'loopwright.yaml'].includes(name));
    expect(changed.split('\0').filter(Boolean).toSorted()).toEqual(expected.toSorted());
    for (const view of [
      ['show', 'last'],
      ['log', 'last'],
      ['diff', 'last'],
      ['report', 'last', '--json'],
    ]) {
      expect(await here.cli(...view)).toMatchObject({ code: 0 });
    }
  });
});
