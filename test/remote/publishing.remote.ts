/** Accepted changes on a forge, through the command line: real git over HTTP, real checks on the merge result, taken back again. */
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/index.ts';
import { FORGE_SLUG, FORGE_TOKEN, startFakeForge } from '../support/forge/index.ts';
import type { FakeForge } from '../support/forge/index.ts';
import { repositoryWith, scriptFile } from '../scenario/harness.ts';
import type { Answer, Files, Place } from '../scenario/harness.ts';

/** Red until the lamp is on; and red when somebody took its bulb away. Cheap: what is tried here is publishing. */
const LAMP: Files = {
  lamp: 'off\n',
  bulb: 'here\n',
  'notes.md': 'Notes.\n',
  'loopwright.yaml': `version: 1
owner: '@acme/light'
checks: { lamp: grep -q on lamp && grep -q here bulb }
`,
};

interface Stage {
  readonly here: Place;
  readonly forge: FakeForge;
  readonly land: (...more: readonly string[]) => Promise<Answer>;
  readonly cli: (...argv: readonly string[]) => Promise<Answer>;
}

const stages: Stage[] = [];

afterEach(async () => {
  for (const { here, forge } of stages.splice(0)) {
    here.remove();
    await forge.close();
  }
});

/** A place with an accepted run, whose base is the tip of `main` on the forge. */
async function accepted(forgeName: 'github' | 'gitlab', more = ''): Promise<Stage> {
  const forge = await startFakeForge();
  const publish = `publish: { forge: ${forgeName}, repository: ${FORGE_SLUG} }\n`;
  const here = repositoryWith({ ...LAMP, 'loopwright.yaml': `${LAMP['loopwright.yaml']}${publish}${more}` });
  const stage: Stage = {
    here,
    forge,
    land: (...flags) => here.with(forge.env, 'land', 'last', '--request', ...flags),
    cli: (...argv) => here.with(forge.env, ...argv),
  };
  stages.push(stage);
  here.git('push', '--quiet', forge.repository.bare, 'main:main');
  const script = scriptFile(here, 'turns: [[{ write: { path: lamp, text: "on\\n" } }]]');
  expect((await here.run('switch it on', '--agent', 'scripted', '--script', script)).code).toBe(0);
  return stage;
}

/** A commit on `main` of the forge, by somebody else. */
function moveTarget({ forge: { repository } }: Stage, files: Files): void {
  repository.commit({ files, parent: repository.tip('main'), refs: ['refs/heads/main'] });
}

async function logOf(here: Place): Promise<string> {
  const store = await openSqliteStore({ file: join(here.home, 'loopwright.db'), now: Date.now });
  const events = await store.read((await here.show()).id);
  await store.close();
  return JSON.stringify(events);
}

describe('an accepted change', () => {
  it('becomes one request, found again, without a trace of the token; undone it is closed and its branch gone', async () => {
    const stage = await accepted('github');
    const { here, forge } = stage;
    const { repository } = forge;
    const before = here.fingerprint();
    expect((await here.cli('land', 'last', '--again')).err).toContain('LW_USAGE');
    expect((await here.cli('land', 'last', '--request')).err).toContain('LW_KEY_UNAVAILABLE');
    const first = await stage.land();
    expect(first).toMatchObject({ code: 0, err: expect.stringContaining('https://github.invalid/acme/shop/pull/1') });
    const { id } = await here.show();
    const branch = `loopwright/${id}`;
    expect(repository.requests).toMatchObject([{ branch, target: 'main', state: 'open', title: 'Switch it on' }]);
    expect(repository.requests[0]?.body).toContain('## What it costs to review');
    expect(repository.requests[0]?.body).toMatch(new RegExp(`Loopwright-Run: ${id}\nLoopwright-Owner: @acme/light\n$`));
    expect(repository.git('show', `${branch}:lamp`)).toBe('on');
    expect(repository.git('log', '--format=%s', `main..${branch}`)).toBe('Switch it on');
    expect(repository.statuses).toMatchObject([{ name: 'loopwright', state: 'green' }]);
    expect((await stage.land()).code).toBe(0);
    expect(repository.requests).toHaveLength(1);
    expect((await here.show()).publication).toMatchObject({ request: { number: 1, state: 'open' } });

    const undone = await stage.cli('undo', 'last');
    expect(undone).toMatchObject({ code: 0, err: expect.stringContaining('was deleted at') });
    expect(repository.requests).toMatchObject([{ state: 'closed' }]);
    expect(repository.tip(branch)).toBeNull();
    expect(here.fingerprint()).toBe(before);
    expect((await stage.land()).err).toContain('loopwright redo');
    expect((await stage.cli('redo', 'last')).err).toContain(`loopwright land ${id} --request --again`);
    expect((await stage.land()).err).toContain('LW_RUN_STATE');
    expect((await stage.land('--again')).code).toBe(0);
    expect(repository.requests.map(({ state }) => state)).toEqual(['closed', 'open']);
    expect(repository.git('show', `${branch}:lamp`)).toBe('on');
    expect((await stage.cli('undo', 'last')).code).toBe(0);
    expect(repository.requests.map(({ state }) => state)).toEqual(['closed', 'closed']);
    expect(here.fingerprint()).toBe(before);
    const log = await logOf(here);
    expect(log).toContain('withdrawal.finished');
    expect(log + first.err + first.out + undone.err).not.toContain(FORGE_TOKEN);
  });

  it('is taken back here while its forge does not answer, and there once it does', async () => {
    const stage = await accepted('github');
    const { here, forge } = stage;
    expect((await stage.land()).code).toBe(0);
    expect((await here.cli('undo', 'last')).err).toContain('LW_FORGE_UNCONFIGURED');
    const kept = await here.cli('undo', 'last', '--keep-request');
    expect([kept.code, kept.err]).toEqual([0, expect.stringContaining('What is on the forge stays as it is')]);
    expect(forge.repository.requests[0]?.state).toBe('open');
    expect((await stage.cli('undo', 'last')).code).toBe(0);
    expect(forge.repository.requests[0]?.state).toBe('closed');
  });

  it('is tried on a target that moved: red is not published, green is; merged by a squash it is reverted', async () => {
    const stage = await accepted('gitlab', 'autonomy: land\n');
    const { here, forge } = stage;
    const { repository } = forge;
    repository.mergeMethod = 'squash';
    moveTarget(stage, { bulb: 'gone\n' });
    const red = await stage.land();
    expect([red.code, red.err]).toEqual([1, expect.stringMatching(/not published.*lamp: .*exit code 1/s)]);
    expect(repository.requests).toEqual([]);
    moveTarget(stage, { bulb: 'here again\n', 'notes.md': 'More.\n' });
    const green = await stage.land();
    expect(green).toMatchObject({ code: 0, err: expect.stringMatching(/green on main.*Not merged: no check/s) });
    const [commit = ''] = repository.requests.map(({ head }) => head);
    repository.statuses.push({ commit, name: 'ci', state: 'green', words: '' });
    expect((await stage.land()).code).toBe(0);
    expect(repository.requests).toMatchObject([{ state: 'merged' }]);
    expect(await here.show()).toMatchObject({ outcome: 'landed', publication: { request: { state: 'merged' } } });
    expect((await stage.cli('undo', 'last')).code).toBe(0);
    const revert = repository.requests[1];
    expect(revert).toMatchObject({ state: 'open', target: 'main', title: 'Revert "Switch it on"' });
    expect(repository.git('diff', '--name-only', 'main', revert?.branch ?? '')).toBe('lamp');
    expect(repository.git('show', `${revert?.branch}:lamp`)).toBe('off');

    // Somebody merges that, works on, and then it is wanted after all.
    expect((await stage.cli('redo', 'last')).code).toBe(0);
    expect((await stage.land('--again')).err).toMatch(/request 2, which takes it back on main, is open/);
    if (revert === undefined) throw new Error('there is one');
    repository.merge(revert);
    moveTarget(stage, { 'notes.md': 'Even more.\n' });
    const again = await stage.land('--again');
    expect(again).toMatchObject({ code: 0, err: expect.stringMatching(/green on main/) });
    const { id } = await here.show();
    const branch = `loopwright/${id}-again-2`;
    expect(repository.requests[2]).toMatchObject({ state: 'open', branch, title: 'Reapply "Switch it on"' });
    expect(repository.git('diff', '--name-only', `main...${branch}`)).toBe('lamp');
    expect(repository.git('show', `${branch}:lamp`)).toBe('on');
    expect((await stage.land()).code).toBe(0);
    expect(repository.requests).toHaveLength(3);
  });
});

describe('several runs that are taken back', () => {
  it('a refusal closes no request; those that come along have theirs closed too', async () => {
    const stage = await accepted('github');
    const { here, forge } = stage;
    const { repository } = forge;
    const first = (await here.show()).id;
    expect((await stage.land()).code).toBe(0);
    here.git('branch', 'release');
    expect((await stage.cli('land', first, '--onto', 'release')).code).toBe(0);
    here.git('push', '--quiet', repository.bare, 'release:main');
    const script = scriptFile(here, 'turns: [[{ write: { path: notes.md, text: "More.\\n" } }]]');
    const base = ['--base', 'release', '--class', 'docs'];
    expect((await here.run('write more', '--agent', 'scripted', '--script', script, ...base)).code).toBe(0);
    expect((await stage.cli('land', 'last', '--onto', 'release')).code).toBe(0);
    expect((await stage.land()).code).toBe(0);
    const states = (): readonly string[] => repository.requests.map(({ state }) => state);
    expect(states()).toEqual(['open', 'open']);

    const refused = await stage.cli('undo', first);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('Nothing was changed') });
    expect(states()).toEqual(['open', 'open']);
    // Nor does one of a branch here.
    here.git('switch', '--quiet', 'release');
    const checkedOut = await stage.cli('undo', first, '--with-dependants');
    expect(checkedOut).toMatchObject({ code: 2, err: expect.stringContaining('is checked out in') });
    expect(states()).toEqual(['open', 'open']);
    here.git('switch', '--quiet', 'main');
    expect((await stage.cli('undo', first, '--with-dependants')).code).toBe(0);
    expect(states()).toEqual(['closed', 'closed']);
    expect(here.git('diff', 'main', 'release')).toBe('');
  });
});

describe('doctor', () => {
  it('says whether the forge and its token answer', async () => {
    const forge = await startFakeForge();
    const here = repositoryWith({
      ...LAMP,
      'loopwright.yaml': `${LAMP['loopwright.yaml']}publish: { forge: github }\n`,
    });
    stages.push({ here, forge, land: (...more) => here.cli(...more), cli: (...argv) => here.cli(...argv) });
    here.git('push', '--quiet', forge.repository.bare, 'main:main');
    here.git('remote', 'add', 'origin', `${forge.url}/${FORGE_SLUG}.git`);
    const doctor = async (env: Readonly<Record<string, string>>): Promise<string> => {
      const { out } = await here.with(env, 'doctor', '--json');
      const { lines } = JSON.parse(out) as { lines: readonly { what: string; level: string; words: string }[] };
      return lines
        .filter(({ what }) => what === 'forge')
        .map(({ level, words }) => `${level}: ${words}`)
        .join();
    };
    expect(await doctor(forge.env)).toMatch(/^ok: github .*acme\/shop.*main/);
    expect(await doctor({ ...forge.env, GITHUB_TOKEN: 'wrong-token-wrong-token' })).toMatch(/^bad: .*LW_FORGE_LOGIN/);
  });
});
