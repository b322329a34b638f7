/** What a repository is known by, beside what the git of the user says of it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeRepository, temporaryDirectory, type Repository } from '../../test/fixtures/workspace-room.ts';
import type { RepositoryNames } from '../ports/workspace.ts';
import { createGit } from './git.ts';
import { readNames } from './names.ts';

let top = '';
let repository: Repository;
beforeEach(() => {
  top = temporaryDirectory();
  mkdirSync(join(top, 'empty'));
  mkdirSync(join(top, 'user'));
  repository = makeRepository(join(top, 'srv', 'project'));
  repository.commit();
});

type Variables = Readonly<Record<string, string>>;

const userOf = (more: Variables): Variables => ({
  PATH: process.env['PATH'] ?? '',
  HOME: join(top, 'user'),
  GIT_CONFIG_NOSYSTEM: '1',
  ...more,
});

function names(path = repository.path, more: Variables = {}): Promise<RepositoryNames> {
  const env = userOf(more);
  return readNames(createGit({ hostEnvironment: env, emptyHome: join(top, 'empty') }), env, path);
}

/** Where the git of the user would go. */
function addresses(more: Variables): readonly string[] {
  const ask = (...args: readonly string[]): readonly string[] =>
    execFileSync('git', ['remote', 'get-url', '--all', ...args, 'origin'], {
      cwd: repository.path,
      env: userOf(more),
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
    })
      .trim()
      .split('\n');
  return [...ask(), ...ask('--push')];
}

function configure(text: string, file = join(top, 'user', '.gitconfig')): void {
  writeFileSync(file, text);
}

const SHORT = 'acme:shop';

describe('the addresses of a repository', () => {
  it('are those it fetches from and pushes to', async () => {
    repository.git('remote', 'add', 'origin', 'https://example.org/me/fork');
    repository.git('remote', 'set-url', '--push', 'origin', 'git@example.org:team/x');
    expect((await names()).remotes.toSorted()).toEqual(['git@example.org:team/x', 'https://example.org/me/fork']);
  });

  it.each<[string, Variables, string, () => void]>([
    [
      'in the file of the user',
      {},
      'https://github.com/acme/shop',
      () => configure('[url "https://github.com/acme/"]\n insteadOf = "acme:"\n'),
    ],
    [
      'in the repository',
      {},
      'https://github.com/acme/shop',
      () => void repository.git('config', 'url.https://github.com/acme/.insteadOf', 'acme:'),
    ],
    [
      'for pushes alone',
      {},
      'git@github.com:acme/shop',
      () => configure('[url "git@github.com:acme/"]\n pushInsteadOf = "acme:"\n'),
    ],
    [
      'of which the longest beginning wins',
      {},
      'https://two.example/op',
      () =>
        configure(
          '[url "https://one.example/"]\n insteadOf = acme:\n[url "https://two.example/"]\n insteadOf = acme:sh\n insteadOf = a\n',
        ),
    ],
    [
      'of which the first of equals wins',
      {},
      'https://one.example/shop',
      () =>
        configure(
          '[url "https://one.example/"]\n insteadOf = acme:\n[url "https://two.example/"]\n insteadOf = acme:\n',
        ),
    ],
    ['once and not again', {}, 'acme:acme:shop', () => configure('[url "acme:acme:"]\n insteadOf = "acme:"\n')],
    [
      'in a file that is included for this place',
      {},
      'https://github.com/acme/shop',
      () => {
        configure(`[includeIf "gitdir:${top}/srv/"]\n path = work\n`);
        configure('[url "https://github.com/acme/"]\n insteadOf = "acme:"\n', join(top, 'user', 'work'));
      },
    ],
    [
      'in variables',
      {
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'url.https://github.com/acme/.insteadOf',
        GIT_CONFIG_VALUE_0: 'acme:',
      },
      'https://github.com/acme/shop',
      () => undefined,
    ],
  ])('are also what `insteadOf` makes of them: %s', async (_what, more, expected, set) => {
    repository.git('remote', 'add', 'origin', SHORT);
    set();
    const real = addresses(more);
    expect(real).toContain(expected);
    const { remotes } = await names(repository.path, more);
    expect(remotes).toEqual(expect.arrayContaining([SHORT, ...real]));
  });

  it('are not guessed where the settings of the user cannot be read', async () => {
    configure('[url\n');
    await expect(names()).rejects.toMatchObject({ code: 'LW_GIT_FAILED' });
    configure('[include]\n path = .gitconfig\n');
    await expect(names()).rejects.toMatchObject({ code: 'LW_GIT_FAILED' });
  });

  it.each<[string, Variables]>([
    ['a count that is no number', { GIT_CONFIG_COUNT: 'one' }],
    ['a count that is more than a number', { GIT_CONFIG_COUNT: '0x1' }],
    ['a count below nothing', { GIT_CONFIG_COUNT: '-1' }],
    ['a key that is missing', { GIT_CONFIG_COUNT: '1' }],
    ['a value that is missing', { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'a.b' }],
  ])('are not guessed with %s, which git refuses too', async (_what, more) => {
    repository.git('remote', 'add', 'origin', SHORT);
    expect(() => addresses(more)).toThrow('GIT_CONFIG');
    await expect(names(repository.path, more)).rejects.toMatchObject({ code: 'LW_GIT_FAILED' });
  });
});

describe('the places of a repository', () => {
  it('are its root, whatever leads there', async () => {
    symlinkSync(repository.path, join(top, 'alias'));
    expect((await names(join(top, 'alias'))).roots).toEqual([repository.path]);
  });

  it('are for a linked work tree also that of the main one', async () => {
    const linked = join(top, 'linked');
    repository.git('worktree', 'add', '--quiet', '--detach', linked);
    expect((await names(linked)).roots).toEqual([linked, repository.path]);
    expect((await names()).roots).toEqual([repository.path]);
  });

  it('are for a work tree of a bare one that one itself', async () => {
    const bare = join(top, 'shop.git');
    repository.git('clone', '--quiet', '--bare', repository.path, bare);
    const linked = join(top, 'linked');
    repository.git(`--git-dir=${bare}`, 'worktree', 'add', '--quiet', '--detach', linked);
    expect((await names(linked)).roots).toEqual([linked, bare]);
    expect((await names(bare)).roots).toEqual([bare]);
  });
});
